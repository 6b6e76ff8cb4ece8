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
    condition     = toset([for name, each in output.functions : name if contains(each.callers, "allUsers")]) == toset(["api", "chat", "listen"])
    error_message = "Nothing is public but what clients call."
  }
  assert {
    condition     = alltrue([for each in values(output.functions) : length(each.callers) == 1])
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
    condition     = local.environment["UNDERSTOOD_AUDIO_S"] == "86400"
    error_message = "The functions know how long audio stays once it is understood."
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

run "a_name_that_no_network_can_have" {
  command = plan
  variables {
    name = "earshot-"
  }
  expect_failures = [var.name]
}

run "a_load_balancer_without_a_domain" {
  command = plan
  variables {
    edge = "lb"
  }
  expect_failures = [var.domain]
}
