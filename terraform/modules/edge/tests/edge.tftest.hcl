# What a load balancer would do with a request: nothing is asked of any cloud.

mock_provider "google" {}

variables {
  project             = "a-project"
  region              = "us-central1"
  name                = "earshot"
  domain              = "api.example.org"
  fallback            = "api"
  requests_per_minute = 600
  services = {
    api    = { service = "api", paths = ["/v1", "/v4"] }
    listen = { service = "listen", paths = ["/v4/listen", "/v4/web/listen"] }
  }
}

run "one_domain_for_all" {
  command = plan

  assert {
    condition = toset(flatten([for rule in google_compute_url_map.paths.path_matcher[0].path_rule : rule.paths])) == toset([
      "/v1", "/v1/*", "/v4", "/v4/*", "/v4/listen", "/v4/listen/*", "/v4/web/listen", "/v4/web/listen/*",
    ])
    error_message = "Every path of the manifest is somebody's, with what is below it."
  }
  assert {
    condition     = toset(flatten([for rule in google_compute_url_map.paths.host_rule : tolist(rule.hosts)])) == toset(["api.example.org"])
    error_message = "It is for the domain."
  }
  assert {
    condition     = toset([for each in google_compute_region_network_endpoint_group.service : each.cloud_run[0].service]) == toset(["api", "listen"])
    error_message = "Whoever is public can be reached."
  }
  assert {
    condition     = alltrue([for each in google_compute_backend_service.service : each.load_balancing_scheme == "EXTERNAL_MANAGED"])
    error_message = "The kind of balancer that WebSockets and streams pass."
  }
  assert {
    condition     = [for rule in google_compute_security_policy.edge.rule : rule.rate_limit_options[0].rate_limit_threshold[0].count if rule.action == "throttle"] == [600]
    error_message = "Who asks too often waits."
  }
  assert {
    condition     = google_compute_global_forwarding_rule.https.port_range == "443" && google_compute_ssl_policy.modern.min_tls_version == "TLS_1_2"
    error_message = "Nothing is said in the clear."
  }
}

run "limits_hold_for_every_service" {
  command = apply

  assert {
    condition     = alltrue([for each in google_compute_backend_service.service : each.security_policy == google_compute_security_policy.edge.id])
    error_message = "No service is reached around the limits."
  }
  assert {
    condition     = google_compute_url_map.paths.default_service == google_compute_backend_service.service["api"].id
    error_message = "What belongs to nobody is answered by api."
  }
}
