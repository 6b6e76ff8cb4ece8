# What costs something even while nobody speaks: only where it is wished for.

resource "google_compute_network" "private" {
  count                   = var.redis_gb > 0 ? 1 : 0
  project                 = var.project
  name                    = var.name
  auto_create_subnetworks = false
  depends_on              = [google_project_service.needed]
}

# What is deployed goes out through it, to Redis. Nobody comes in but those whom Google lets in by itself: the connector's health is
# looked at by rules that nobody sees, of priorities up to 1000, where a refusal of the same would win.
resource "google_compute_firewall" "nobody_enters" {
  count         = var.redis_gb > 0 ? 1 : 0
  project       = var.project
  name          = "${var.name}-nobody-enters"
  network       = google_compute_network.private[0].id
  direction     = "INGRESS"
  source_ranges = ["0.0.0.0/0"]
  priority      = 65534
  deny {
    protocol = "all"
  }
}

resource "google_compute_subnetwork" "private" {
  #checkov:skip=CKV_GCP_26:Only functions are in it, which go to Redis and nowhere else; logs of that would cost more than the Redis.
  count   = var.redis_gb > 0 ? 1 : 0
  project = var.project
  name    = var.name
  region  = var.region
  network = google_compute_network.private[0].id
  # An instance of a service takes up to four addresses, and keeps them for some minutes when it ends.
  ip_cidr_range            = "10.8.0.0/20"
  private_ip_google_access = true
}

# Services enter the network by themselves; what this version of the provider knows of functions is a connector, whose two
# smallest machines always run.
resource "google_vpc_access_connector" "functions" {
  count         = var.redis_gb > 0 ? 1 : 0
  project       = var.project
  name          = var.name
  region        = var.region
  network       = google_compute_network.private[0].name
  ip_cidr_range = "10.8.16.0/28"
  machine_type  = "e2-micro"
  min_instances = 2
  max_instances = 3
  depends_on    = [google_project_service.needed]
}

resource "google_redis_instance" "cache" {
  #checkov:skip=CKV_GCP_95:A password would stand in Terraform's state. The network has no members but our functions, and lets nobody in.
  #checkov:skip=CKV_GCP_97:Its traffic stays in that network. TLS would want the certificate of the instance, which Google replaces, in every function.
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
