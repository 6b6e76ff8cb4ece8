# What can be seen and who hears of what: the page shows the whole way, and everything it is made of exists.

mock_provider "google" {}

variables {
  project             = "a-project"
  project_number      = "123456789012"
  region              = "us-central1"
  name                = "earshot"
  buckets             = ["audio", "media", "uploads"]
  topics              = ["dead-letter"]
  services            = ["api", "listen"]
  queues              = {}
  indexes             = { indexes = [], fieldOverrides = [] }
  rules               = ""
  redis_gb            = 0
  sealing             = false
  keep_days           = { audio = 90, uploads = 7 }
  alert_email         = "admin@example.org"
  deletion_protection = true
}

run "the_page" {
  command = plan

  assert {
    condition = alltrue([
      for part in ["begun", "closed", "steps", "structured", "indexed", "delivered", "parked", "stuck"] :
      length(regexall("logging.googleapis.com/user/earshot/${part}", google_monitoring_dashboard.way.dashboard_json)) > 0
    ])
    error_message = "Every part of a conversation's way is shown."
  }
  assert {
    condition = alltrue([
      for part in ["num_undelivered_messages", "request_latencies", "5xx", "queue/depth", "transcribe_span"] :
      strcontains(google_monitoring_dashboard.way.dashboard_json, part)
    ])
    error_message = "So are dead letters, latency, errors, what waits and what is transcribed."
  }
  assert {
    condition = alltrue([
      for name in flatten(regexall("logging.googleapis.com/user/earshot/([a-z]+)", google_monitoring_dashboard.way.dashboard_json)) :
      contains(keys(google_logging_metric.counted), name)
    ])
    error_message = "Nothing is shown that nobody counts."
  }
  assert {
    condition = alltrue([
      for tile in jsondecode(google_monitoring_dashboard.way.dashboard_json).mosaicLayout.tiles :
      try(tile.xPos, 0) + tile.width <= jsondecode(google_monitoring_dashboard.way.dashboard_json).mosaicLayout.columns
    ])
    error_message = "No tile is outside the page."
  }
  assert {
    condition = length(distinct([
      for tile in jsondecode(google_monitoring_dashboard.way.dashboard_json).mosaicLayout.tiles : "${try(tile.xPos, 0)} ${try(tile.yPos, 0)}"
    ])) == length(local.charts)
    error_message = "No tile lies on another."
  }
  assert {
    condition     = length(regexall(":(0|\\[\\])[,}]", google_monitoring_dashboard.way.dashboard_json)) == 0
    error_message = "Nothing is written that Monitoring would leave out, for then every plan would change the page."
  }
  assert {
    condition = alltrue([
      for name, metric in google_logging_metric.counted :
      toset(metric.metric_descriptor[0].labels[*].key) == toset(keys(metric.label_extractors))
    ])
    error_message = "Every label is taken from somewhere."
  }
}

run "who_hears_of_it" {
  command = plan

  assert {
    condition = alltrue([
      for policy in [google_monitoring_alert_policy.dead_letters, google_monitoring_alert_policy.stuck, google_monitoring_alert_policy.slow] :
      length(policy.notification_channels) == 1 && strcontains(policy.documentation[0].content, "docs/observing.md#")
    ])
    error_message = "Whoever is told is told what to do, too."
  }
  assert {
    condition = alltrue([
      for condition in flatten([google_monitoring_alert_policy.stuck.conditions[*].condition_threshold, google_monitoring_alert_policy.stuck.conditions[*].condition_absent]) :
      contains([local.from_lines.stuck, local.from_lines.swept], condition.filter)
    ])
    error_message = "Conversations that are stuck are heard of, and so is a sweep that does not come."
  }
}

run "nobody_is_told" {
  command = plan
  variables {
    alert_email = ""
  }

  assert {
    condition     = length(google_monitoring_alert_policy.stuck.notification_channels) == 0
    error_message = "Without an address alerts are only shown."
  }
}

run "addresses_of_requests_are_not_written_down" {
  command = plan

  assert {
    condition = alltrue([
      for part in ["service_name=(\"api\" OR \"listen\")", "run.googleapis.com/requests", "http_load_balancer"] :
      strcontains(google_logging_project_exclusion.addresses[0].filter, part)
    ])
    error_message = "Neither by what serves clients nor by the load balancer before it."
  }
  assert {
    condition     = !strcontains(google_logging_project_exclusion.addresses[0].filter, "stdout")
    error_message = "What functions say themselves is."
  }
}

run "addresses_that_somebody_wishes_for" {
  command = plan
  variables {
    request_logs = true
  }

  assert {
    condition     = length(google_logging_project_exclusion.addresses) == 0
    error_message = "They are, where that is wished for."
  }
}
