# What costs something even while nobody speaks: only where it is wished for.

resource "google_compute_network" "private" {
  count                   = var.redis_gb > 0 ? 1 : 0
  project                 = var.project
  name                    = var.name
  auto_create_subnetworks = false
  depends_on              = [google_project_service.needed]
}

resource "google_compute_subnetwork" "private" {
  count                    = var.redis_gb > 0 ? 1 : 0
  project                  = var.project
  name                     = var.name
  region                   = var.region
  network                  = google_compute_network.private[0].id
  ip_cidr_range            = "10.8.0.0/24"
  private_ip_google_access = true
}

resource "google_redis_instance" "cache" {
  count              = var.redis_gb > 0 ? 1 : 0
  project            = var.project
  name               = var.name
  region             = var.region
  tier               = "BASIC"
  memory_size_gb     = var.redis_gb
  redis_version      = "REDIS_7_2"
  authorized_network = google_compute_network.private[0].id
  redis_configs = {
    maxmemory-policy = "allkeys-lru"
  }
  depends_on = [google_project_service.needed]
}

resource "google_kms_key_ring" "sealing" {
  count    = var.sealing ? 1 : 0
  project  = var.project
  name     = var.name
  location = var.region

  depends_on = [google_project_service.needed]
}

resource "google_kms_crypto_key" "sealing" {
  count           = var.sealing ? 1 : 0
  name            = "data-keys"
  key_ring        = google_kms_key_ring.sealing[0].id
  rotation_period = "7776000s"
  lifecycle {
    prevent_destroy = true
  }
}
