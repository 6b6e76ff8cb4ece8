# What the platform writes down by itself. Of a request that is its whole address, and addresses of ours name users, hold tokens and
# codes, and, as the contract has it, words: a memory's new text, a title, what is searched for. Deleting an account does not reach
# logs, so none of it gets there. How many requests there are, how long they take and how they end is counted without them.

resource "google_logging_project_exclusion" "addresses" {
  count       = var.request_logs ? 0 : 1
  project     = var.project
  name        = "${var.name}-addresses"
  description = "Addresses of requests from outside hold what users say: docs/decisions/0065."
  filter = join(" OR ", [
    "(resource.type=\"cloud_run_revision\" AND log_id(\"run.googleapis.com/requests\") AND resource.labels.service_name=(${join(" OR ", [for name in var.services : "\"${name}\""])}))",
    "(resource.type=\"http_load_balancer\" AND log_id(\"requests\"))",
  ])
  depends_on = [google_project_service.needed]
}
