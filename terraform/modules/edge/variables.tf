variable "project" {
  type = string
}

variable "region" {
  type = string
}

variable "name" {
  type = string
}

variable "domain" {
  description = "Where clients reach it; its DNS must point to `address`."
  type        = string
}

variable "services" {
  description = "Cloud Run services by the name that the manifest gives them, with the paths that are theirs."
  type = map(object({
    service = string
    paths   = list(string)
  }))
}

variable "fallback" {
  description = "The service, by its name in the manifest, that is asked for everything else."
  type        = string
}

variable "requests_per_minute" {
  description = "From one address; beyond that, 429."
  type        = number
}
