variable "project" {
  type = string
}

variable "project_number" {
  type = string
}

variable "region" {
  type = string
}

variable "name" {
  type = string
}

variable "buckets" {
  description = "Short names: audio, media, uploads."
  type        = list(string)
}

variable "topics" {
  type = list(string)
}

variable "queues" {
  description = "By name; seconds."
  type = map(object({
    max_attempts              = number
    min_backoff_s             = number
    max_backoff_s             = number
    max_doublings             = number
    max_concurrent_dispatches = number
  }))
}

variable "indexes" {
  description = "What firestore.indexes.json says."
  type        = any
}

variable "rules" {
  description = "Firestore's security rules."
  type        = string
}

variable "redis_gb" {
  type = number
}

variable "sealing" {
  type = bool
}

variable "keep_days" {
  type = object({
    audio   = number
    uploads = number
  })
}

variable "backup_days" {
  type    = number
  default = 0
}

variable "services" {
  description = "What clients reach, by its name in the cloud."
  type        = list(string)
}

variable "request_logs" {
  type    = bool
  default = false
}

variable "alert_email" {
  type = string
}

variable "deletion_protection" {
  type = bool
}
