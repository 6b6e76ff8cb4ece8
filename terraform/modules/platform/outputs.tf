output "buckets" {
  description = "Full names by short ones."
  value       = { for name, bucket in google_storage_bucket.data : name => bucket.name }
}

output "tasks_identity" {
  value = google_service_account.caller.email
}

output "redis_url" {
  value = one([for cache in google_redis_instance.cache : "redis://${cache.host}:${cache.port}/0"])
}

output "kms_key" {
  value = one(google_kms_crypto_key.sealing[*].id)
}

output "network" {
  description = "What a function must be part of to reach Redis; null where there is none."
  value = one([for at, each in google_compute_subnetwork.private : {
    network    = each.network
    subnetwork = each.id
    connector  = google_vpc_access_connector.functions[at].id
  }])
}

output "grants" {
  description = "What functions are given rights to."
  value = {
    buckets    = { for name, bucket in google_storage_bucket.data : name => bucket.name }
    sources    = google_storage_bucket.sources.name
    topics     = { for name, topic in google_pubsub_topic.all : name => topic.id }
    queues     = { for name, queue in google_cloud_tasks_queue.all : name => queue.name }
    caller     = google_service_account.caller
    sealing    = var.sealing
    kms_key    = one(google_kms_crypto_key.sealing[*].id)
    push_role  = google_project_iam_custom_role.sends_pushes.id
    repository = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
  }
  # Who is told of new objects is told through Pub/Sub, and a trigger is refused before Cloud Storage may do that.
  depends_on = [google_project_iam_member.storage_tells]
}

output "builds" {
  description = "As whom functions are built, and where their images go; known once building is allowed."
  value = {
    account    = google_service_account.builder.name
    repository = google_artifact_registry_repository.images.id
  }
  depends_on = [
    google_project_iam_member.builder_logs,
    google_artifact_registry_repository_iam_member.builder_writes,
    google_storage_bucket_iam_member.builder_reads,
    google_project_iam_member.builder_reads_copies,
  ]
}
