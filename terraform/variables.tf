variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "The project's id: 6 to 30 lower-case letters, digits and hyphens, which begin with a letter."
  }
}

variable "project_number" {
  description = "Its number, which is part of the services' addresses: gcloud projects describe PROJECT --format='value(projectNumber)'."
  type        = string
  validation {
    condition     = can(regex("^[0-9]+$", var.project_number))
    error_message = "The project's number, not its id."
  }
}

variable "region" {
  description = "Where everything runs and is stored. Firestore's database can never be moved."
  type        = string
  default     = "us-central1"
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region such as europe-west1; no zone, and nothing that spans several."
  }
}

variable "name" {
  description = "Prefix of what must be named uniquely, such as buckets."
  type        = string
  default     = "earshot"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}[a-z0-9]$", var.name))
    error_message = "Lower-case letters, digits and hyphens, which are not the last; 21 at most."
  }
}

variable "bundles" {
  description = "Folder with what `make bundle` has made."
  type        = string
  default     = "../build"
}

variable "secrets" {
  description = "Names of secrets in Secret Manager, which are also the names of the settings that hold them. Terraform never sees what is in them."
  type        = set(string)
  default     = ["PINECONE_API_KEY", "URL_SIGNING_KEY"]
  validation {
    condition     = length(setsubtract(var.secrets, local.secret_settings)) == 0
    error_message = "No setting that holds a secret is called so: ${join(", ", setsubtract(var.secrets, local.secret_settings))} (common/core/settings.py)."
  }
}

variable "secrets_as_of" {
  description = "Any word, such as a date. Another one starts all instances anew, and these take up the newest version of every secret."
  type        = string
  default     = ""
}

variable "settings" {
  description = "Settings of the functions that are no secrets (common/core/settings.py), such as LANGUAGE_MODEL."
  type        = map(string)
  default     = {}
  validation {
    condition     = length(setsubtract(keys(var.settings), local.known_settings)) == 0
    error_message = "No setting is called so: ${join(", ", setsubtract(keys(var.settings), local.known_settings))} (common/core/settings.py)."
  }
  validation {
    condition     = length(setintersection(keys(var.settings), local.secret_settings)) == 0
    error_message = "${join(", ", setintersection(keys(var.settings), local.secret_settings))} would stand in Terraform's state: a secret is kept in Secret Manager, and named in `secrets`."
  }
  validation {
    condition     = length(setintersection(keys(var.settings), ["PORT", "K_SERVICE"])) == 0
    error_message = "PORT and K_SERVICE are set by the platform."
  }
}

variable "pinecone_host" {
  description = "Address of the dense index."
  type        = string
  validation {
    condition     = var.pinecone_host != ""
    error_message = "Search needs an index: `python -m tools.vectors` makes it and prints its address."
  }
}

variable "pinecone_sparse_host" {
  description = "Address of the sparse index; empty for search by meaning alone."
  type        = string
  default     = ""
}

variable "redis_gb" {
  description = "Size of a Redis of one's own; 0 for none, which costs nothing: then everything is slower, and limits per minute, advice and what apps say are rationed by each instance for itself."
  type        = number
  default     = 0
  validation {
    condition     = contains(range(0, 301), var.redis_gb)
    error_message = "Whole gigabytes, 300 at most; 0 for none."
  }
  # https://cloud.google.com/vpc/docs/configure-serverless-vpc-access: fewer than 21 characters, and hyphens are two.
  validation {
    condition     = var.redis_gb == 0 || length(var.name) + length(regexall("-", var.name)) <= 20
    error_message = "What leads to Redis is called as `name` says, which may have 20 characters then; a hyphen counts as two."
  }
}

variable "sealing" {
  description = "Whether a key of Cloud KMS wraps the keys of users whose words are sealed at rest."
  type        = bool
  default     = false
}

variable "keep_days" {
  description = "Days after which audio is gone: that of a conversation that is understood, and any other that its owner does not keep; and files that were handed in."
  type = object({
    understood = optional(number, 1)
    audio      = optional(number, 30)
    uploads    = optional(number, 7)
  })
  default = {}
  validation {
    condition     = var.keep_days.understood >= 0 && var.keep_days.understood < var.keep_days.audio
    error_message = "What is understood goes before what is not."
  }
  validation {
    condition     = var.keep_days.uploads >= 1 && alltrue([for days in [var.keep_days.audio, var.keep_days.uploads] : floor(days) == days])
    error_message = "Buckets count whole days, one at least: audio, uploads."
  }
}

variable "backup_days" {
  description = "Days for which a backup of the database is kept, of which one is made every day; 0 for none. What a user deletes stays in them for as long."
  type        = number
  default     = 0
  validation {
    condition     = contains(range(0, 99), var.backup_days)
    error_message = "Whole days, 98 at most; 0 for none."
  }
}

variable "most_instances" {
  description = "Instances of one function at most, which bounds what a flood can cost."
  type        = number
  default     = 20
  validation {
    condition     = var.most_instances >= 1 && floor(var.most_instances) == var.most_instances
    error_message = "One at least, and a whole number."
  }
}

variable "alert_email" {
  description = "Who is told when something is wrong; empty for nobody."
  type        = string
  default     = ""
  validation {
    condition     = var.alert_email == "" || can(regex("^[^@ ]+@[^@ ]+$", var.alert_email))
    error_message = "An address for mail, or nothing."
  }
}

variable "request_logs" {
  description = "Whether the addresses of clients' requests are logged; these name users, and hold tokens and what users say."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to destroy what holds users' data."
  type        = bool
  default     = true
}

variable "edge" {
  description = "How clients reach the services: `none`, each at its own address and at no fixed cost, or `lb`, all at one domain behind a load balancer with rate limits (about 25 USD a month). The Omi app knows one address only."
  type        = string
  default     = "none"
  validation {
    condition     = contains(["none", "lb"], var.edge)
    error_message = "none or lb."
  }
}

variable "domain" {
  description = "With edge = lb: the domain that clients use."
  type        = string
  default     = ""
  validation {
    condition     = var.edge == "none" || var.domain != ""
    error_message = "A load balancer needs a domain."
  }
  validation {
    condition     = var.domain == "" || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z]{2,}$", var.domain))
    error_message = "The name alone, in lower case: api.example.org, without https:// and without a path."
  }
}

variable "requests_per_minute" {
  description = "With edge = lb: requests of one address per minute."
  type        = number
  default     = 1200
  validation {
    condition     = var.requests_per_minute >= 1 && floor(var.requests_per_minute) == var.requests_per_minute
    error_message = "One at least, and a whole number."
  }
}

variable "monthly_budget" {
  description = "In the currency of the billing account; mails go out at half of it, at 90 % and at all of it. 0 for none."
  type        = number
  default     = 0
  validation {
    condition     = var.monthly_budget >= 0 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "A whole number, or 0 for none."
  }
}

variable "billing_account" {
  description = "Needed for a budget, and of no use otherwise."
  type        = string
  default     = ""
  validation {
    condition     = var.monthly_budget == 0 || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "A budget is a billing account's, such as 000000-000000-000000: gcloud billing accounts list."
  }
}
