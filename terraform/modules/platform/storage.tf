# Buckets: sound, pictures and files, uploads on their way, and the functions' sources.

locals {
  gone_after = {
    # Audio that is understood goes earlier: the sweep deletes it (common/conversations/parting.py). This is for all the
    # rest; what its owner keeps is of another storage class.
    audio = [{ age = var.keep_days.audio, matches_storage_class = ["STANDARD"] }]
    # What is sent to be heard again is deleted with its answer; this is for what was cut short (common/database/media.py).
    media   = [{ days_since_custom_time = 2 }]
    uploads = [{ age = var.keep_days.uploads }]
  }
}

resource "google_storage_bucket" "data" {
  #checkov:skip=CKV_GCP_62:Logs of access would name users in a bucket that deleting an account does not reach. Cloud Audit Logs can be turned on instead.
  #checkov:skip=CKV_GCP_63:The same.
  #checkov:skip=CKV_GCP_78:Deleting deletes. What is deleted by mistake can be had back for seven days (soft delete).
  for_each                    = toset(var.buckets)
  project                     = var.project
  name                        = "${var.project}-${var.name}-${each.key}"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = !var.deletion_protection

  soft_delete_policy {
    retention_duration_seconds = 604800
  }

  dynamic "lifecycle_rule" {
    for_each = lookup(local.gone_after, each.key, [])
    content {
      action {
        type = "Delete"
      }
      condition {
        age                    = lookup(lifecycle_rule.value, "age", null)
        days_since_custom_time = lookup(lifecycle_rule.value, "days_since_custom_time", null)
        matches_storage_class  = lookup(lifecycle_rule.value, "matches_storage_class", null)
      }
    }
  }
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }
  depends_on = [google_project_service.needed]
}

resource "google_storage_bucket" "sources" {
  #checkov:skip=CKV_GCP_62:It holds this repository's code and nothing of anybody's; only deployments write to it.
  #checkov:skip=CKV_GCP_63:The same.
  project                     = var.project
  name                        = "${var.project}-${var.name}-sources"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      days_since_noncurrent_time = 30
    }
  }
  # What images were built from (tools/images.sh).
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 30
      matches_prefix = ["images/"]
    }
  }
  versioning {
    enabled = true
  }
  depends_on = [google_project_service.needed]
}
