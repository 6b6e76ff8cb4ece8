variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
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
}

variable "settings" {
  description = "Settings of the functions that are no secrets (common/core/settings.py), such as LANGUAGE_MODEL."
  type        = map(string)
  default     = {}
}

variable "pinecone_host" {
  description = "Address of the dense index."
  type        = string
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
}

variable "most_instances" {
  description = "Instances of one function at most, which bounds what a flood can cost."
  type        = number
  default     = 20
}

variable "alert_email" {
  description = "Who is told when something is wrong; empty for nobody."
  type        = string
  default     = ""
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
}

variable "requests_per_minute" {
  description = "With edge = lb: requests of one address per minute."
  type        = number
  default     = 1200
}

variable "monthly_budget" {
  description = "In the currency of the billing account; mails go out at half of it, at 90 % and at all of it. 0 for none."
  type        = number
  default     = 0
}

variable "billing_account" {
  description = "Needed for a budget."
  type        = string
  default     = ""
}
