# What the manifest's trigger is in Eventarc's terms; nothing for what is called over HTTP.

locals {
  events = concat(
    [for each in try([local.trigger.firestore], []) : {
      type  = "google.cloud.firestore.document.v1.${each.event}"
      topic = null
      filters = [
        { attribute = "database", value = "(default)", operator = null },
        { attribute = "document", value = each.document, operator = "match-path-pattern" },
      ]
    }],
    [for each in try([local.trigger.storage], []) : {
      type    = "google.cloud.storage.object.v1.${each.event}"
      topic   = null
      filters = [{ attribute = "bucket", value = var.platform.buckets[each.bucket], operator = null }]
    }],
    [for each in try([local.trigger.pubsub], []) : {
      type    = "google.cloud.pubsub.topic.v1.messagePublished"
      topic   = var.platform.topics[each.topic]
      filters = []
    }],
  )
}
