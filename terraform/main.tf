# Everything is derived from functions/manifest.yaml, the only list of functions.

locals {
  manifest = yamldecode(file("${path.module}/../functions/manifest.yaml"))

  # The fields of common/core/settings.py, as variables of the environment.
  fields          = regexall("(?m)^    ([a-z][a-z0-9_]*): (SecretStr)?", file("${path.module}/../common/core/settings.py"))
  known_settings  = toset([for field in local.fields : upper(field[0])])
  secret_settings = toset([for field in local.fields : upper(field[0]) if field[1] != null])

  # Cloud Run knows no underscores.
  services = { for name, function in local.manifest.functions : name => replace(name, "_", "-") }
  urls     = { for name, service in local.services : name => "https://${service}-${var.project_number}.${var.region}.run.app" }
  # Whoever reads what users have said opens what is sealed; where KMS has the key, by a right instead (modules/function/rights.tf).
  sealing = ["DATA_KEY_SECRET", "FORMER_DATA_KEY_SECRET"]
  called  = [for name, function in local.manifest.functions : name if can(function.trigger.task)]

  environment = merge(
    {
      GOOGLE_CLOUD_PROJECT = var.project
      REGION               = var.region
      AUDIO_BUCKET         = module.platform.buckets["audio"]
      MEDIA_BUCKET         = module.platform.buckets["media"]
      UPLOADS_BUCKET       = module.platform.buckets["uploads"]
      TASKS_IDENTITY       = module.platform.tasks_identity
      PINECONE_HOST        = var.pinecone_host
      PINECONE_SPARSE_HOST = var.pinecone_sparse_host
      REDIS_URL            = module.platform.redis_url
      KMS_KEY              = module.platform.kms_key
      UNDERSTOOD_AUDIO_S   = tostring(var.keep_days.understood * 86400)
      # Bytes from which memory that is let go goes back at once; by itself the C library keeps what is smaller than 32 MiB.
      MALLOC_MMAP_THRESHOLD_ = "1048576"
      # Where services outside fetch recordings, and call back.
      PUBLIC_URL = var.edge == "lb" ? "https://${var.domain}" : local.urls["api"]
    },
    { for name in local.called : "${upper(name)}_URL" => local.urls[name] },
    var.settings,
  )
}

module "platform" {
  source              = "./modules/platform"
  project             = var.project
  project_number      = var.project_number
  region              = var.region
  name                = var.name
  buckets             = local.manifest.buckets
  topics              = local.manifest.topics
  queues              = local.manifest.queues
  indexes             = jsondecode(file("${path.module}/../firestore.indexes.json"))
  rules               = file("${path.module}/../firestore.rules")
  redis_gb            = var.redis_gb
  sealing             = var.sealing
  keep_days           = var.keep_days
  backup_days         = var.backup_days
  services            = [for name, function in local.manifest.functions : local.services[name] if try(function.public, false)]
  request_logs        = var.request_logs
  alert_email         = var.alert_email
  deletion_protection = var.deletion_protection
}

module "function" {
  source         = "./modules/function"
  for_each       = local.manifest.functions
  project        = var.project
  region         = var.region
  name           = local.services[each.key]
  function       = each.value
  bundle         = "${var.bundles}/${each.key}.zip"
  environment    = { for name, value in merge(local.environment, { SECRETS_AS_OF = var.secrets_as_of }) : name => value if try(length(value), 0) > 0 }
  secrets        = setintersection(var.secrets, concat(each.value.secrets, contains(each.value.roles, "firestore") ? local.sealing : []))
  most_instances = var.most_instances
  behind_edge    = var.edge == "lb"
  platform       = module.platform.grants
  builds         = module.platform.builds
  network        = module.platform.network
}

module "edge" {
  source              = "./modules/edge"
  count               = var.edge == "lb" ? 1 : 0
  project             = var.project
  region              = var.region
  name                = var.name
  domain              = var.domain
  fallback            = "api"
  requests_per_minute = var.requests_per_minute
  services = {
    for name, function in local.manifest.functions : name => {
      service = module.function[name].service
      paths   = function.trigger.http.paths
    } if try(function.public, false)
  }
}

resource "google_billing_budget" "monthly" {
  count           = var.monthly_budget > 0 ? 1 : 0
  billing_account = var.billing_account
  display_name    = "${var.name} in ${var.project}"
  budget_filter {
    projects = ["projects/${var.project_number}"]
  }
  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }
  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]
    content {
      threshold_percent = threshold_rules.value
    }
  }
}
