# One function: its identity, its code, its trigger. What it may do is in rights.tf.

locals {
  serves  = var.function.kind != "function"
  trigger = var.function.trigger
  digest  = substr(filesha256(var.bundle), 0, 16)
  image   = "${var.platform.repository}/${var.name}:${local.digest}"
}

resource "google_service_account" "identity" {
  project      = var.project
  account_id   = "fn-${var.name}"
  display_name = "The function ${var.name}"

  # Cut to fit, two functions could become one identity.
  lifecycle {
    precondition {
      condition     = length(var.name) <= 27
      error_message = "${var.name}: a function's name has 27 characters at most; a service account has no more than 30."
    }
  }
}

resource "google_cloud_run_v2_service" "service" {
  count               = local.serves ? 1 : 0
  project             = var.project
  location            = var.region
  name                = var.name
  ingress             = var.behind_edge ? "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER" : "INGRESS_TRAFFIC_ALL"
  deletion_protection = false
  # It looks at users' tokens itself. `allUsers` as a member is what many organizations forbid, and all new ones do.
  invoker_iam_disabled = var.function.public

  template {
    service_account                  = google_service_account.identity.email
    timeout                          = "${var.function.timeout_s}s"
    max_instance_request_concurrency = var.function.concurrency
    session_affinity                 = var.function.kind == "server"
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"

    scaling {
      min_instance_count = 0
      max_instance_count = var.most_instances
    }
    containers {
      image = local.image
      resources {
        limits = {
          cpu    = tostring(var.function.cpu)
          memory = var.function.memory
        }
        cpu_idle          = var.function.cpu_idle
        startup_cpu_boost = true
      }
      dynamic "env" {
        for_each = var.environment
        content {
          name  = env.key
          value = env.value
        }
      }
      dynamic "env" {
        for_each = var.secrets
        content {
          name = env.value
          value_source {
            secret_key_ref {
              secret  = env.value
              version = "latest"
            }
          }
        }
      }
    }
    dynamic "vpc_access" {
      for_each = var.network == null ? [] : [var.network]
      content {
        egress = "PRIVATE_RANGES_ONLY"
        network_interfaces {
          network    = vpc_access.value.network
          subnetwork = vpc_access.value.subnetwork
        }
      }
    }
  }
  depends_on = [google_secret_manager_secret_iam_member.reads]
}

resource "google_storage_bucket_object" "source" {
  count  = local.serves ? 0 : 1
  bucket = var.platform.sources
  name   = "${var.name}/${local.digest}.zip"
  source = var.bundle
}

resource "google_cloudfunctions2_function" "function" {
  count    = local.serves ? 0 : 1
  project  = var.project
  location = var.region
  name     = var.name

  build_config {
    runtime           = "python311"
    entry_point       = var.function.entry_point
    service_account   = var.builds.account
    docker_repository = var.builds.repository
    source {
      storage_source {
        bucket = google_storage_bucket_object.source[0].bucket
        object = google_storage_bucket_object.source[0].name
      }
    }
  }
  service_config {
    service_account_email            = google_service_account.identity.email
    available_memory                 = var.function.memory
    available_cpu                    = tostring(var.function.cpu)
    timeout_seconds                  = var.function.timeout_s
    max_instance_request_concurrency = var.function.concurrency
    max_instance_count               = var.most_instances
    min_instance_count               = 0
    # Eventarc, Cloud Tasks and Cloud Scheduler of the same project are internal at an address of run.app.
    ingress_settings = "ALLOW_INTERNAL_ONLY"
    # Of its own accord the framework works on four requests per CPU, and whatever comes beside them waits for their end.
    environment_variables = merge(var.environment, { THREADS = tostring(max(2, var.function.concurrency)) })

    vpc_connector                 = try(var.network.connector, null)
    vpc_connector_egress_settings = var.network == null ? null : "PRIVATE_RANGES_ONLY"

    dynamic "secret_environment_variables" {
      for_each = var.secrets
      content {
        key        = secret_environment_variables.value
        project_id = var.project
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }
  dynamic "event_trigger" {
    for_each = local.events
    content {
      trigger_region        = var.region
      event_type            = event_trigger.value.type
      pubsub_topic          = event_trigger.value.topic
      retry_policy          = var.function.retry ? "RETRY_POLICY_RETRY" : "RETRY_POLICY_DO_NOT_RETRY"
      service_account_email = google_service_account.identity.email
      dynamic "event_filters" {
        for_each = event_trigger.value.filters
        content {
          attribute = event_filters.value.attribute
          value     = event_filters.value.value
          operator  = event_filters.value.operator
        }
      }
    }
  }
  depends_on = [google_secret_manager_secret_iam_member.reads, google_project_iam_member.receives]
}

resource "google_cloud_scheduler_job" "timer" {
  count            = can(local.trigger.schedule) ? 1 : 0
  project          = var.project
  region           = var.region
  name             = var.name
  schedule         = local.trigger.schedule.cron
  time_zone        = "Etc/UTC"
  attempt_deadline = "${var.function.timeout_s}s"

  # The next run does what this one could not.
  retry_config {
    retry_count = 0
  }
  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.function[0].service_config[0].uri
    oidc_token {
      service_account_email = var.platform.caller.email
    }
  }
}
