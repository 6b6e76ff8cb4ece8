# What somebody should hear of.

locals {
  what_to_do = "What to look at, and what to do: docs/observing.md#"
}

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
    content = "A step failed until it was given up; its conversation stays readable, says why, and is tried again by itself where an outage was the reason. ${local.what_to_do}dead-letters"
  }
  notification_channels = google_monitoring_notification_channel.email[*].id
}

# One for all of them, because a condition costs something every month, whatever it watches: docs/cost.md.
resource "google_monitoring_alert_policy" "failing" {
  project      = var.project
  display_name = "${var.name}: a function fails"
  combiner     = "OR"
  conditions {
    display_name = "More than one answer in twenty of one of them is an error"
    condition_threshold {
      filter             = "resource.type = \"cloud_run_revision\" AND metric.type = \"run.googleapis.com/request_count\" AND metric.labels.response_code_class = \"5xx\""
      denominator_filter = "resource.type = \"cloud_run_revision\" AND metric.type = \"run.googleapis.com/request_count\""
      comparison         = "COMPARISON_GT"
      threshold_value    = 0.05
      duration           = "900s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }
      denominator_aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_RATE"
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = ["resource.label.service_name"]
      }
    }
  }
  documentation {
    content = "The function is named by the label service_name; its logs say why. What fails comes again by itself, so one failure is nothing; this is more than that. ${local.what_to_do}a-function-fails"
  }
  notification_channels = google_monitoring_notification_channel.email[*].id
}

resource "google_monitoring_alert_policy" "stuck" {
  project      = var.project
  display_name = "${var.name}: conversations are stuck"
  combiner     = "OR"
  conditions {
    display_name = "For half an hour the sweep has found again and again what nobody works on"
    condition_threshold {
      filter          = local.from_lines.stuck
      comparison      = "COMPARISON_GT"
      threshold_value = 10
      duration        = "0s"
      aggregations {
        alignment_period     = "1800s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
  conditions {
    display_name = "The sweep has not finished a round for a quarter of an hour"
    condition_absent {
      filter   = local.from_lines.swept
      duration = "900s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
  documentation {
    content = "Conversations begin runs that nobody finishes, or nobody looks after them. ${local.what_to_do}stuck-conversations"
  }
  notification_channels = google_monitoring_notification_channel.email[*].id
  depends_on            = [google_logging_metric.counted]
}

resource "google_monitoring_alert_policy" "slow" {
  project      = var.project
  display_name = "${var.name}: slow"
  combiner     = "OR"
  conditions {
    display_name = "A step of the chain takes more than four minutes"
    condition_threshold {
      # Whoever serves clients streams for as long as they like.
      filter          = "${local.of_run} AND NOT resource.labels.service_name = one_of(\"api\", \"chat\", \"listen\") AND metric.type = \"run.googleapis.com/request_latencies\""
      comparison      = "COMPARISON_GT"
      threshold_value = 240000
      duration        = "900s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_PERCENTILE_95"
        cross_series_reducer = "REDUCE_MAX"
        group_by_fields      = ["resource.label.service_name"]
      }
    }
  }
  documentation {
    content = "A provider or a store answers slowly, or there are too few instances. ${local.what_to_do}slow"
  }
  notification_channels = google_monitoring_notification_channel.email[*].id
}
