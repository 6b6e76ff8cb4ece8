# One database, in one region, with its past of seven days.

locals {
  overrides = { for each in try(var.indexes.fieldOverrides, []) : "${each.collectionGroup}.${each.fieldPath}" => each }
  composite = {
    for each in var.indexes.indexes : join(".", concat(
      [each.collectionGroup, each.queryScope],
      [for field in each.fields : "${field.fieldPath}:${try(field.order, field.arrayConfig)}"],
    )) => each
  }
}

resource "google_firestore_database" "main" {
  project                           = var.project
  name                              = "(default)"
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"
  depends_on                        = [google_project_service.needed]
}

# Besides its past of seven days, which goes with it. What a user deletes stays in them: docs/decisions/0064.
resource "google_firestore_backup_schedule" "daily" {
  count     = var.backup_days > 0 ? 1 : 0
  project   = var.project
  database  = google_firestore_database.main.name
  retention = "${var.backup_days * 86400}s"
  daily_recurrence {}
}

resource "google_firestore_index" "composite" {
  for_each    = local.composite
  project     = var.project
  database    = google_firestore_database.main.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)
    }
  }
}

resource "google_firestore_field" "indexed" {
  for_each   = local.overrides
  project    = var.project
  database   = google_firestore_database.main.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config {
    dynamic "indexes" {
      for_each = each.value.indexes
      content {
        order        = try(indexes.value.order, null)
        array_config = try(indexes.value.arrayConfig, null)
        query_scope  = indexes.value.queryScope
      }
    }
  }
  # Documents that are of no use after a time say so in this field.
  dynamic "ttl_config" {
    for_each = try(each.value.ttl, false) ? [1] : []
    content {}
  }
}

resource "google_firebaserules_ruleset" "firestore" {
  project = var.project
  source {
    files {
      name    = "firestore.rules"
      content = var.rules
    }
  }
  lifecycle {
    create_before_destroy = true
  }
  depends_on = [google_firestore_database.main, google_project_service.needed]
}

resource "google_firebaserules_release" "firestore" {
  project      = var.project
  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.firestore.name
}
