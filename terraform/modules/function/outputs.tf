output "image" {
  description = "What has to be built and pushed for a service; named after what is in its bundle."
  value       = local.serves ? local.image : null
}

output "identity" {
  value = google_service_account.identity.email
}

output "service" {
  description = "The Cloud Run service that a load balancer asks; null for a function."
  value       = one(google_cloud_run_v2_service.service[*].name)
}

output "deployed" {
  description = "What is deployed, in the platform's terms."
  value = {
    event       = one(local.events[*].type)
    retries     = local.receives && var.function.retry
    timer       = one(google_cloud_scheduler_job.timer[*].schedule)
    callers     = keys(google_cloud_run_v2_service_iam_member.called)
    open        = anytrue(google_cloud_run_v2_service.service[*].invoker_iam_disabled)
    dead_letter = contains(keys(google_pubsub_topic_iam_member.publishes), "dead-letter")
    signs       = length(google_service_account_iam_member.signs_addresses) > 0
    roles       = sort(values(google_project_iam_member.may)[*].role)
    bundle      = local.digest
  }
}
