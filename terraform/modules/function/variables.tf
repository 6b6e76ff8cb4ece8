variable "project" {
  type = string
}

variable "region" {
  type = string
}

variable "name" {
  description = "Its name in the cloud."
  type        = string
}

variable "function" {
  description = "What the manifest says of it."
  type = object({
    kind        = string
    entry_point = string
    trigger     = any
    public      = optional(bool, false)
    retry       = optional(bool, false)
    memory      = string
    cpu         = number
    cpu_idle    = optional(bool, true)
    timeout_s   = number
    concurrency = number
    roles       = list(string)
    secrets     = list(string)
  })
}

variable "bundle" {
  description = "Path of its archive."
  type        = string
}

variable "environment" {
  description = "Settings that are no secrets."
  type        = map(string)
}

variable "secrets" {
  description = "Names of the secrets it is given, of those that exist."
  type        = set(string)
}

variable "most_instances" {
  type = number
}

variable "behind_edge" {
  description = "Whether clients come through a load balancer, and no other way."
  type        = bool
  default     = false
}

variable "platform" {
  description = "The platform's `grants`."
  type        = any
}

variable "builds" {
  description = "The platform's `builds`: as whom it is built, and where its image goes."
  type        = object({ account = string, repository = string })
}

variable "network" {
  description = "What a service enters, and the connector through which a function does; or null."
  type        = object({ network = string, subnetwork = string, connector = string })
  nullable    = true
}
