# Where what users say is understood, by models of Google's.

locals {
  # Settings that say where a model of Google's works, and whether it is asked.
  understood_in = {
    VERTEX_LOCATION = contains([for each in ["LANGUAGE_MODEL", "EMBEDDING"] : lookup(var.settings, each, "")], "vertex")
    GOOGLE_SPEECH_LOCATION = contains(flatten([
      for each in ["STREAMING_TRANSCRIBERS", "BATCH_TRANSCRIBERS"] : [for name in split(",", lookup(var.settings, each, "")) : trimspace(name)]
    ]), "google")
  }
}

# Nothing is wrong with it, but somebody may have promised otherwise.
check "words_stay_in_the_region" {
  assert {
    condition = alltrue([
      for location, used in local.understood_in :
      !used || lookup(var.settings, location, "us-central1") == var.region
    ])
    error_message = "What users say is stored in ${var.region} and understood elsewhere: ${join(", ", [for location, used in local.understood_in : "${location} = ${lookup(var.settings, location, "us-central1")}" if used])}. Set these where the models are offered nearer (docs/deploy.md)."
  }
}
