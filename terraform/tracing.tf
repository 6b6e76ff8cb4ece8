# Spans in Cloud Trace, where the settings ask for them (TRACING = "cloud"); log lines carry trace ids anyway.

locals {
  keeps_spans = lookup(var.settings, "TRACING", "off") == "cloud"
}

resource "google_project_service" "telemetry" {
  count              = local.keeps_spans ? 1 : 0
  project            = var.project
  service            = "telemetry.googleapis.com"
  disable_on_destroy = false
}

resource "google_project_iam_member" "keeps_spans" {
  for_each = toset([for name in keys(local.manifest.functions) : name if local.keeps_spans])
  project  = var.project
  role     = "roles/telemetry.tracesWriter"
  member   = "serviceAccount:${module.function[each.key].identity}"
}
