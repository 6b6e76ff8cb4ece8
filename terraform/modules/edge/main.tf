# One HTTPS entry that routes by path. Server-sent events and WebSockets pass; both end when the service's timeout does.

resource "google_compute_region_network_endpoint_group" "service" {
  for_each              = var.services
  project               = var.project
  region                = var.region
  name                  = "${var.name}-${each.value.service}"
  network_endpoint_type = "SERVERLESS"
  cloud_run {
    service = each.value.service
  }
}

resource "google_compute_backend_service" "service" {
  for_each              = var.services
  project               = var.project
  name                  = "${var.name}-${each.value.service}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  security_policy       = google_compute_security_policy.edge.id
  backend {
    group = google_compute_region_network_endpoint_group.service[each.key].id
  }
  log_config {
    enable      = true
    sample_rate = 0.1
  }
}

resource "google_compute_security_policy" "edge" {
  #checkov:skip=CKV_GCP_73:Nothing behind it runs on a JVM; the rule would read what users say for patterns, and refuse some of it.
  project = var.project
  name    = var.name

  rule {
    action      = "throttle"
    priority    = 1000
    description = "Whoever asks too often waits."
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
    rate_limit_options {
      conform_action = "allow"
      exceed_action  = "deny(429)"
      enforce_on_key = "IP"
      rate_limit_threshold {
        count        = var.requests_per_minute
        interval_sec = 60
      }
    }
  }
  rule {
    action      = "allow"
    priority    = 2147483647
    description = "Everybody else."
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }
}

resource "google_compute_url_map" "paths" {
  project         = var.project
  name            = var.name
  default_service = google_compute_backend_service.service[var.fallback].id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "services"
  }
  path_matcher {
    name            = "services"
    default_service = google_compute_backend_service.service[var.fallback].id

    # The longest path that fits decides.
    dynamic "path_rule" {
      for_each = var.services
      content {
        paths   = flatten([for path in path_rule.value.paths : [path, "${path}/*"]])
        service = google_compute_backend_service.service[path_rule.key].id
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "domain" {
  project = var.project
  name    = "${var.name}-${substr(sha256(var.domain), 0, 8)}"
  managed {
    domains = [var.domain]
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "google_compute_ssl_policy" "modern" {
  project         = var.project
  name            = var.name
  profile         = "MODERN"
  min_tls_version = "TLS_1_2"
}

resource "google_compute_target_https_proxy" "https" {
  project          = var.project
  name             = var.name
  url_map          = google_compute_url_map.paths.id
  ssl_certificates = [google_compute_managed_ssl_certificate.domain.id]
  ssl_policy       = google_compute_ssl_policy.modern.id
}

resource "google_compute_global_address" "edge" {
  project = var.project
  name    = var.name
}

resource "google_compute_global_forwarding_rule" "https" {
  project               = var.project
  name                  = var.name
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.edge.id
  port_range            = "443"
  target                = google_compute_target_https_proxy.https.id
}
