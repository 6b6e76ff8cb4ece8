# The platform's own services, and the identities it acts under.

locals {
  apis = [
    "aiplatform", "artifactregistry", "cloudbuild", "cloudfunctions", "cloudkms", "cloudscheduler", "cloudtasks", "eventarc",
    "fcm", "firebaserules", "firestore", "logging", "monitoring", "pubsub", "redis", "run", "secretmanager", "speech", "storage",
    "cloudtrace",
  ]
}

resource "google_project_service" "needed" {
  for_each           = toset(local.apis)
  project            = var.project
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# Cloud Storage tells Eventarc of new objects through Pub/Sub.
resource "google_project_iam_member" "storage_tells" {
  project = var.project
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:service-${var.project_number}@gs-project-accounts.iam.gserviceaccount.com"
}

resource "google_artifact_registry_repository" "images" {
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
