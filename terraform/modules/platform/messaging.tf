# Topics and queues, and where what cannot be delivered waits for somebody to look at it.

resource "google_pubsub_topic" "all" {
  #checkov:skip=CKV_GCP_83:Events carry ids and nothing that was said; Google's own keys encrypt them, and one of ours would cost while nobody speaks.
  for_each                   = toset(var.topics)
  project                    = var.project
  name                       = each.key
  message_retention_duration = "604800s"
  depends_on                 = [google_project_service.needed]
}

resource "google_pubsub_subscription" "dead_letter" {
  project                    = var.project
  name                       = "dead-letter"
  topic                      = google_pubsub_topic.all["dead-letter"].id
  message_retention_duration = "2678400s"
  ack_deadline_seconds       = 60
  expiration_policy {
    ttl = ""
  }
}

resource "google_cloud_tasks_queue" "all" {
  for_each = var.queues
  project  = var.project
  location = var.region
  name     = each.key

  retry_config {
    max_attempts  = each.value.max_attempts
    min_backoff   = "${each.value.min_backoff_s}s"
    max_backoff   = "${each.value.max_backoff_s}s"
    max_doublings = each.value.max_doublings
  }
  rate_limits {
    max_concurrent_dispatches = each.value.max_concurrent_dispatches
  }
  depends_on = [google_project_service.needed]
}

# Whom Cloud Tasks and Cloud Scheduler speak for when they call a function.
resource "google_service_account" "caller" {
  project      = var.project
  account_id   = "${var.name}-caller"
  display_name = "Calls functions for Cloud Tasks and Cloud Scheduler"
  depends_on   = [google_project_service.needed]
}

# Google's own role for this may do much more than send.
resource "google_project_iam_custom_role" "sends_pushes" {
  project     = var.project
  role_id     = "${replace(var.name, "-", "_")}_sends_pushes"
  title       = "Sends messages to devices"
  permissions = ["cloudmessaging.messages.create"]
  depends_on  = [google_project_service.needed]
}
