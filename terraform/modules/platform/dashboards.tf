# What can be seen of the conversations' way: counts made of log lines (docs/observing.md), and one page that shows them.

locals {
  # An event's name is what its log line says; labels are fields of the line that have few values.
  counted = {
    begun      = { lines = "jsonPayload.message=\"conversation_begun\"", labels = ["kind"], about = "Conversations that have begun, by how they arrive." }
    closed     = { lines = "jsonPayload.message=\"conversation_closed\"", labels = [], about = "Live conversations that nobody adds to any more." }
    steps      = { lines = "jsonPayload.message=\"step_done\"", labels = ["step"], about = "Steps that are done." }
    structured = { lines = "jsonPayload.message=\"step_done\" AND jsonPayload.step=\"structure_conversation\"", labels = ["result"], about = "Runs of conversations, by what came of them." }
    indexed    = { lines = "jsonPayload.message=\"indexed\"", labels = ["step"], about = "Documents that the index has followed." }
    delivered  = { lines = "jsonPayload.message=\"webhook_settled\"", labels = ["result"], about = "Deliveries to apps and users' own addresses." }
    postponed  = { lines = "jsonPayload.message=\"event_postponed\"", labels = ["error"], about = "Events that come again, because it did not work now." }
    parked     = { lines = "jsonPayload.message=\"step_parked\"", labels = ["step"], about = "Steps that were given up." }
    unheard    = { lines = "jsonPayload.message=\"provider_left_alone\"", labels = ["provider"], about = "Providers that failed, and are left alone for a while." }
    stalls     = { lines = "jsonPayload.message=\"event_loop_stalled\"", labels = [], about = "Times at which all connections of an instance stood still for more than a second." }
    swept      = { lines = "jsonPayload.message=\"swept\"", labels = [], about = "Rounds of the sweep." }
    stuck      = { lines = "jsonPayload.message=\"swept\" AND (jsonPayload.stalled>0 OR jsonPayload.unmerged>0)", labels = [], about = "Rounds in which it found conversations that nobody worked on." }
  }
  from_lines = { for name in keys(local.counted) : name => "metric.type=\"logging.googleapis.com/user/${var.name}/${name}\" AND resource.type=\"cloud_run_revision\"" }
  of_run     = "resource.type=\"cloud_run_revision\""
  of_letters = "resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${google_pubsub_subscription.dead_letter.name}\""

  # In the order of the way. `by` is what lines are told apart by.
  charts = [
    { title = "Conversations begin", filter = local.from_lines.begun, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.kind"], kind = "STACKED_BAR" },
    { title = "They are closed", filter = local.from_lines.closed, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = [], kind = "STACKED_BAR" },
    { title = "Spans of stored audio are transcribed", filter = "${local.from_lines.steps} AND metric.labels.step=\"transcribe_span\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = [], kind = "STACKED_BAR" },
    { title = "They are structured", filter = local.from_lines.structured, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.result"], kind = "STACKED_BAR" },
    { title = "What follows from them is done", filter = "${local.from_lines.steps} AND metric.labels.step!=\"transcribe_span\" AND metric.labels.step!=\"structure_conversation\"", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.step"], kind = "STACKED_BAR" },
    { title = "They are indexed, and what was learnt", filter = local.from_lines.indexed, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.step"], kind = "STACKED_BAR" },
    { title = "Apps and users' addresses are told", filter = local.from_lines.delivered, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.result"], kind = "STACKED_BAR" },
    { title = "Events come again", filter = local.from_lines.postponed, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.error"], kind = "STACKED_BAR" },
    { title = "Sweeps that found somebody stuck", filter = local.from_lines.stuck, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = [], kind = "STACKED_BAR" },
    { title = "Steps are given up", filter = local.from_lines.parked, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.step"], kind = "STACKED_BAR" },
    { title = "Dead letters wait", filter = "${local.of_letters} AND metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\"", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = [], kind = "LINE" },
    { title = "Oldest message that nobody has taken (s)", filter = "resource.type=\"pubsub_subscription\" AND metric.type=\"pubsub.googleapis.com/subscription/oldest_unacked_message_age\"", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"], kind = "LINE" },
    { title = "Tasks wait", filter = "resource.type=\"cloud_tasks_queue\" AND metric.type=\"cloudtasks.googleapis.com/queue/depth\"", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.label.queue_id"], kind = "LINE" },
    { title = "Time to answer, 95th percentile (ms), per function", filter = "${local.of_run} AND metric.type=\"run.googleapis.com/request_latencies\"", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = ["resource.label.service_name"], kind = "LINE" },
    { title = "Answers that are errors (per s), per function", filter = "${local.of_run} AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\"", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["resource.label.service_name"], kind = "LINE" },
    { title = "All connections of an instance stand still", filter = local.from_lines.stalls, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = [], kind = "STACKED_BAR" },
    { title = "Providers are left alone", filter = local.from_lines.unheard, aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.provider"], kind = "STACKED_BAR" },
  ]
  per_row = 3
  width   = 16
  height  = 14
  # Monitoring gives back neither zeros nor empty lists, and Terraform would want to write them at every `apply`.
  corners = [
    for number in range(length(local.charts)) : {
      for side, at in { xPos = number % local.per_row * local.width, yPos = floor(number / local.per_row) * local.height } : side => at if at > 0
    }
  ]
}

resource "google_logging_metric" "counted" {
  for_each    = local.counted
  project     = var.project
  name        = "${var.name}/${each.key}"
  description = each.value.about
  filter      = "resource.type=\"cloud_run_revision\" AND ${each.value.lines}"
  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    dynamic "labels" {
      for_each = each.value.labels
      content {
        key = labels.value
      }
    }
  }
  label_extractors = { for label in each.value.labels : label => "EXTRACT(jsonPayload.${label})" }
  depends_on       = [google_project_service.needed]
}

resource "google_monitoring_dashboard" "way" {
  project = var.project
  dashboard_json = jsonencode({
    displayName = "${var.name}: a conversation's way"
    mosaicLayout = {
      columns = local.per_row * local.width
      tiles = [
        for number, chart in local.charts : merge(local.corners[number], {
          width  = local.width
          height = local.height
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType   = chart.kind
                targetAxis = "Y1"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = merge({
                      alignmentPeriod    = "300s"
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.reducer
                    }, length(chart.by) == 0 ? {} : { groupByFields = chart.by })
                  }
                }
              }]
            }
          }
        })
      ]
    }
  })
  depends_on = [google_logging_metric.counted]
}
