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
