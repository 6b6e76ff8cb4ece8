# Where what users say is understood, by models of Google's.

locals {
  settings_text = file("${path.module}/../common/core/settings.py")
  asked = {
    VERTEX_LOCATION           = lookup(var.settings, "LANGUAGE_MODEL", "") == "vertex"
    VERTEX_EMBEDDING_LOCATION = lookup(var.settings, "EMBEDDING", "") == "vertex"
    GOOGLE_SPEECH_LOCATION = contains(flatten([
      for each in ["STREAMING_TRANSCRIBERS", "BATCH_TRANSCRIBERS"] : [for name in split(",", lookup(var.settings, each, "")) : trimspace(name)]
    ]), "google")
  }
  understood_in = {
    for setting, used in local.asked : setting => lookup(
      var.settings, setting, one(regex("(?m)^    ${lower(setting)}: str = \"([a-z0-9-]+)\"", local.settings_text))
    ) if used
  }
  # `us` and `eu` are several regions; London and Zurich lie in no country of the European Union.
  around = concat(
    [var.region],
    startswith(var.region, "us-") ? ["us"] : [],
    startswith(var.region, "europe-") && !contains(["europe-west2", "europe-west6"], var.region) ? ["eu"] : [],
  )
}

# Nothing is wrong with it, but somebody may have promised otherwise.
check "words_stay_in_the_region" {
  assert {
    condition     = alltrue([for place in values(local.understood_in) : contains(local.around, place)])
    error_message = "What users say is stored in ${var.region} and understood elsewhere: ${join(", ", [for setting, place in local.understood_in : "${setting} = ${place}" if !contains(local.around, place)])}. Set these where the models are offered nearer (docs/deploy.md)."
  }
}
