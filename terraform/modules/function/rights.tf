# What a function may do, and who may call it. The names of roles are the manifest's.

locals {
  member = "serviceAccount:${google_service_account.identity.email}"

  # In the whole project, because the platform knows nothing smaller.
  in_project = {
    firestore     = "roles/datastore.user"
    model_user    = "roles/aiplatform.user"
    speech_client = "roles/speech.client"
    push_sender   = var.platform.push_role
  }
  in_bucket = {
    audio_reader   = { bucket = "audio", role = "roles/storage.objectViewer" }
    audio_writer   = { bucket = "audio", role = "roles/storage.objectUser" }
    media_reader   = { bucket = "media", role = "roles/storage.objectViewer" }
    media_writer   = { bucket = "media", role = "roles/storage.objectUser" }
    uploads_reader = { bucket = "uploads", role = "roles/storage.objectViewer" }
    uploads_writer = { bucket = "uploads", role = "roles/storage.objectUser" }
  }
  others  = ["tasks_enqueuer", "topics_publisher"]
  unknown = setsubtract(var.function.roles, concat(keys(local.in_project), keys(local.in_bucket), local.others))

  enqueues  = contains(var.function.roles, "tasks_enqueuer")
  publishes = contains(var.function.roles, "topics_publisher")
  seals     = var.platform.sealing && contains(var.function.roles, "firestore")
  receives  = length(local.events) > 0
  # Addresses of stored files are Cloud Storage's own where we have no key to sign ours with.
  signs = contains(var.function.secrets, "URL_SIGNING_KEY") && !contains(var.secrets, "URL_SIGNING_KEY")
}

resource "google_project_iam_member" "may" {
  for_each = { for role in var.function.roles : role => local.in_project[role] if contains(keys(local.in_project), role) }
  project  = var.project
  role     = each.value
  member   = local.member

  lifecycle {
    precondition {
      condition     = length(local.unknown) == 0
      error_message = "${var.name}: no such role: ${join(", ", local.unknown)}"
    }
  }
}

resource "google_project_iam_member" "receives" {
  count   = local.receives ? 1 : 0
  project = var.project
  role    = "roles/eventarc.eventReceiver"
  member  = local.member
}

resource "google_storage_bucket_iam_member" "may" {
  for_each = { for role in var.function.roles : role => local.in_bucket[role] if contains(keys(local.in_bucket), role) }
  bucket   = var.platform.buckets[each.value.bucket]
  role     = each.value.role
  member   = local.member
}

resource "google_pubsub_topic_iam_member" "publishes" {
  for_each = local.publishes ? var.platform.topics : {}
  topic    = each.value
  role     = "roles/pubsub.publisher"
  member   = local.member
}

resource "google_cloud_tasks_queue_iam_member" "enqueues" {
  for_each = local.enqueues ? var.platform.queues : {}
  project  = var.project
  location = var.region
  name     = each.value
  role     = "roles/cloudtasks.enqueuer"
  member   = local.member
}

# A task names whom it is to be delivered for.
resource "google_service_account_iam_member" "speaks_for_the_caller" {
  count              = local.enqueues ? 1 : 0
  service_account_id = var.platform.caller.name
  role               = "roles/iam.serviceAccountUser"
  member             = local.member
}

resource "google_service_account_iam_member" "signs_addresses" {
  count              = local.signs ? 1 : 0
  service_account_id = google_service_account.identity.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.member
}

resource "google_kms_crypto_key_iam_member" "seals" {
  count         = local.seals ? 1 : 0
  crypto_key_id = var.platform.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = local.member
}

resource "google_secret_manager_secret_iam_member" "reads" {
  for_each  = var.secrets
  project   = var.project
  secret_id = each.value
  role      = "roles/secretmanager.secretAccessor"
  member    = local.member
}

resource "google_cloud_run_v2_service_iam_member" "called" {
  for_each = toset(var.function.public ? [] : [local.receives ? "itself" : "caller"])
  project  = var.project
  location = var.region
  name = (
    local.serves
    ? google_cloud_run_v2_service.service[0].name
    : element(split("/", google_cloudfunctions2_function.function[0].service_config[0].service), 5)
  )
  role = "roles/run.invoker"
  member = {
    itself = local.member
    caller = "serviceAccount:${var.platform.caller.email}"
  }[each.key]
}
