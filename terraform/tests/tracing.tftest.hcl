# Who may write spans: nobody, unless the settings ask for them.

mock_provider "google" {}

variables {
  project        = "a-project"
  project_number = "123456789012"
  pinecone_host  = "https://dense.example"
  bundles        = "../build"
}

run "no_spans" {
  command = plan

  assert {
    condition     = length(google_project_iam_member.keeps_spans) == 0 && length(google_project_service.telemetry) == 0
    error_message = "What nobody wished for has no rights and costs nothing."
  }
}

run "spans_in_cloud_trace" {
  command = plan
  variables {
    settings = { TRACING = "cloud", TRACING_RATIO = "0.1" }
  }

  assert {
    condition     = toset(keys(google_project_iam_member.keeps_spans)) == toset(keys(local.manifest.functions))
    error_message = "A trace has no holes: every function may write its spans."
  }
  assert {
    condition     = toset(values(google_project_iam_member.keeps_spans)[*].role) == toset(["roles/telemetry.tracesWriter"])
    error_message = "They may write spans, and nothing else."
  }
  assert {
    condition     = local.environment["TRACING"] == "cloud" && google_project_service.telemetry[0].service == "telemetry.googleapis.com"
    error_message = "The functions know of it, and there is somebody who takes them."
  }
}
