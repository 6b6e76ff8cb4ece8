# The platform's own services, and the identities it acts under.

locals {
  apis = [
    "aiplatform", "artifactregistry", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudkms", "cloudscheduler", "cloudtasks",
    "cloudtrace", "compute", "eventarc", "fcm", "firebaserules", "firestore", "iam", "iamcredentials", "logging", "monitoring",
    "pubsub", "redis", "run", "secretmanager", "speech", "storage", "vpcaccess",
  ]
}

resource "google_project_service" "needed" {
  for_each           = toset(local.apis)
  project            = var.project
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# Asking for it makes it, where no bucket has been told about before.
data "google_storage_project_service_account" "storage" {
  project    = var.project
  depends_on = [google_project_service.needed]
}

# Cloud Storage tells Eventarc of new objects through Pub/Sub.
resource "google_project_iam_member" "storage_tells" {
  project = var.project
  role    = "roles/pubsub.publisher"
  member  = data.google_storage_project_service_account.storage.member
}

# Cloud Build acts as the default service account of Compute Engine, which in newer projects may do nothing by itself.
resource "google_project_iam_member" "builds" {
  #checkov:skip=CKV_GCP_46:Cloud Build of new projects acts as this identity. None of our functions does: each has an identity of its own.
  #checkov:skip=CKV_GCP_49:The same; the role is the one that Google gives builds, and without it none succeeds.
  project    = var.project
  role       = "roles/cloudbuild.builds.builder"
  member     = "serviceAccount:${var.project_number}-compute@developer.gserviceaccount.com"
  depends_on = [google_project_service.needed]
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Images hold this repository's code and public packages, and no secret.
  repository_id = var.name
  location      = var.region
  format        = "DOCKER"
  description   = "Images of the Cloud Run services."

  cleanup_policies {
    id     = "keep-newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = 5
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "2592000s"
    }
  }
  depends_on = [google_project_service.needed]
}
