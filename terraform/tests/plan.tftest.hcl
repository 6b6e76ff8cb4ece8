# The plan of a whole project: what the manifest promises is what would be deployed. Nothing is asked of any cloud.

mock_provider "google" {}

variables {
  project        = "a-project"
  project_number = "123456789012"
  pinecone_host  = "https://dense.example"
  bundles        = "../build"
}

run "for_nothing_while_nobody_speaks" {
  command = plan

  assert {
    condition     = toset(keys(output.functions)) == toset(keys(local.manifest.functions))
    error_message = "Every function of the manifest is deployed, and nothing else."
  }
  assert {
    condition = alltrue([
      for name, function in local.manifest.functions :
      (output.functions[name].event != null) == (can(function.trigger.firestore) || can(function.trigger.storage) || can(function.trigger.pubsub))
    ])
    error_message = "Whoever follows events is started by events."
  }
  assert {
    condition     = alltrue([for each in values(output.functions) : each.retries && each.dead_letter if each.event != null])
    error_message = "What fails comes again, and what is given up is put away."
  }
  assert {
    condition = alltrue([
      for name, function in local.manifest.functions : output.functions[name].timer == function.trigger.schedule.cron
      if can(function.trigger.schedule)
    ])
    error_message = "Timers are as in the manifest."
  }
  assert {
    condition     = toset([for name, each in output.functions : name if each.open]) == toset(["api", "chat", "listen"])
    error_message = "Nothing is public but what clients call."
  }
  assert {
    condition     = alltrue([for each in values(output.functions) : length(each.callers) == (each.open ? 0 : 1)])
    error_message = "Everything has one kind of caller."
  }
  assert {
    condition = alltrue(flatten([
      for each in values(output.functions) : [for role in each.roles : !contains(["roles/owner", "roles/editor", "roles/viewer"], role) if role != null]
    ]))
    error_message = "No function has one of the basic roles."
  }
  assert {
    condition     = output.services["api"] == "https://api-123456789012.us-central1.run.app"
    error_message = "Services are reached at their own addresses."
  }
  assert {
    condition     = length(module.edge) == 0 && length(google_billing_budget.monthly) == 0
    error_message = "What costs something is there only where it is wished for."
  }
  assert {
    condition     = alltrue([for each in values(output.functions) : !each.signs])
    error_message = "Nobody may sign in their own name where a key of ours does."
  }
  assert {
    condition     = local.environment["UNDERSTOOD_AUDIO_S"] == "86400"
    error_message = "The functions know how long audio stays once it is understood."
  }
  assert {
    condition     = local.environment["MALLOC_MMAP_THRESHOLD_"] == "1048576"
    error_message = "What large requests needed is given back when they are over, or an instance has less and less."
  }
  assert {
    condition     = alltrue([for name in local.called : local.environment["${upper(name)}_URL"] == local.urls[name]])
    error_message = "Whoever enqueues tasks knows where they go."
  }
}

run "behind_a_load_balancer" {
  command = plan
  variables {
    edge            = "lb"
    domain          = "api.example.org"
    redis_gb        = 1
    sealing         = true
    alert_email     = "admin@example.org"
    monthly_budget  = 50
    billing_account = "000000-000000-000000"
  }

  assert {
    condition     = length(module.edge) == 1 && length(google_billing_budget.monthly[0].threshold_rules) == 3
    error_message = "There is an edge, and a budget."
  }
}

run "without_a_key_for_addresses" {
  command = plan
  variables {
    secrets = ["PINECONE_API_KEY"]
  }

  assert {
    condition     = toset([for name, each in output.functions : name if each.signs]) == toset(["advance_postprocessing", "api"])
    error_message = "Who hands out addresses may sign them in their own name, and nobody else."
  }
}

run "a_name_that_no_network_can_have" {
  command = plan
  variables {
    name = "earshot-"
  }
  expect_failures = [var.name]
}

run "a_name_that_the_way_to_redis_cannot_have" {
  command = plan
  variables {
    name     = "earshot-in-east-asia"
    redis_gb = 1
  }
  expect_failures = [var.redis_gb]
}

run "the_longest_name_on_the_way_to_redis" {
  command = plan
  variables {
    name     = "earshot-in-europe"
    redis_gb = 1
  }
}

run "a_load_balancer_without_a_domain" {
  command = plan
  variables {
    edge = "lb"
  }
  expect_failures = [var.domain]
}

run "a_domain_that_is_an_address" {
  command = plan
  variables {
    edge   = "lb"
    domain = "https://api.example.org/"
  }
  expect_failures = [var.domain]
}

run "a_place_that_is_no_region" {
  command = plan
  variables {
    region = "us-central1-a"
  }
  expect_failures = [var.region]
}

run "numbers_that_nothing_can_have" {
  command = plan
  variables {
    redis_gb            = 0.5
    most_instances      = 0
    requests_per_minute = 0
    monthly_budget      = -1
    keep_days           = { uploads = 0 }
    backup_days         = 99
  }
  expect_failures = [var.backup_days, var.redis_gb, var.most_instances, var.requests_per_minute, var.monthly_budget, var.keep_days]
}

run "names_and_addresses_that_nothing_has" {
  command = plan
  variables {
    project       = "My project"
    pinecone_host = ""
    alert_email   = "nobody"
  }
  expect_failures = [var.project, var.pinecone_host, var.alert_email]
}

run "a_budget_of_nobody" {
  command = plan
  variables {
    monthly_budget = 50
  }
  expect_failures = [var.billing_account]
}

run "a_secret_that_no_setting_is_for" {
  command = plan
  variables {
    secrets = ["PINECONE_API_KEY", "OPENAI_KEY"]
  }
  expect_failures = [var.secrets]
}

run "a_setting_that_does_not_exist" {
  command = plan
  variables {
    settings = { LANGUAGE_MODLE = "vertex" }
  }
  expect_failures = [var.settings]
}

run "a_secret_among_settings" {
  command = plan
  variables {
    settings = { OPENAI_API_KEY = "sk" }
  }
  expect_failures = [var.settings]
}

run "settings_of_the_platform" {
  command = plan
  variables {
    settings = { PORT = "80" }
  }
  expect_failures = [var.settings]
}

run "words_that_leave_the_region" {
  command = plan
  variables {
    region   = "europe-west4"
    settings = { STREAMING_TRANSCRIBERS = "deepgram, google", LANGUAGE_MODEL = "vertex", VERTEX_LOCATION = "eu" }
  }
  expect_failures = [check.words_stay_in_the_region]
}

run "words_that_leave_the_union" {
  command = plan
  variables {
    region   = "europe-west2"
    settings = { LANGUAGE_MODEL = "vertex", VERTEX_LOCATION = "eu" }
  }
  expect_failures = [check.words_stay_in_the_region]
}

run "words_that_become_numbers_elsewhere" {
  command = plan
  variables {
    region   = "us-east1"
    settings = { LANGUAGE_MODEL = "vertex", EMBEDDING = "vertex" }
  }
  expect_failures = [check.words_stay_in_the_region]
}

run "words_that_stay_in_the_region" {
  command = plan
  variables {
    region = "europe-west4"
    settings = {
      STREAMING_TRANSCRIBERS    = "google"
      GOOGLE_SPEECH_LOCATION    = "europe-west4"
      LANGUAGE_MODEL            = "vertex"
      VERTEX_LOCATION           = "eu"
      EMBEDDING                 = "vertex"
      VERTEX_EMBEDDING_LOCATION = "europe-west4"
    }
  }
}

run "words_that_stay_where_they_are_by_themselves" {
  command = plan
  variables {
    settings = { LANGUAGE_MODEL = "vertex", EMBEDDING = "vertex", BATCH_TRANSCRIBERS = "google" }
  }
}
