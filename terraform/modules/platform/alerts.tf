# What somebody should hear of.

resource "google_monitoring_notification_channel" "email" {
  count        = var.alert_email == "" ? 0 : 1
  project      = var.project
  display_name = "Earshot's administrators"
  type         = "email"
  labels = {
    email_address = var.alert_email
  }
  depends_on = [google_project_service.needed]
}

resource "google_monitoring_alert_policy" "dead_letters" {
  project      = var.project
  display_name = "${var.name}: work was given up"
  combiner     = "OR"
  conditions {
    display_name = "Dead letters wait"
    condition_threshold {
      filter          = "resource.type = \"pubsub_subscription\" AND resource.labels.subscription_id = \"${google_pubsub_subscription.dead_letter.name}\" AND metric.type = \"pubsub.googleapis.com/subscription/num_undelivered_messages\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
  documentation {
    content = "A step failed until it was given up; its conversation stays readable, says why, and is tried again by itself where an outage was the reason."
  }
  notification_channels = google_monitoring_notification_channel.email[*].id
}
