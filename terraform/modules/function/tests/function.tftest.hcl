# One function of every kind: what is planned for it.

mock_provider "google" {}

variables {
  project        = "a-project"
  region         = "us-central1"
  name           = "a-function"
  bundle         = "./main.tf"
  environment    = { AUDIO_BUCKET = "sound" }
  secrets        = []
  most_instances = 5
  network        = null
  builds = {
    account    = "projects/p/serviceAccounts/builder@p.iam.gserviceaccount.com"
    repository = "projects/p/locations/us-central1/repositories/earshot"
  }
  platform = {
    buckets    = { audio = "p-audio", media = "p-media", uploads = "p-uploads" }
    sources    = "p-sources"
    topics     = { dead-letter = "projects/p/topics/dead-letter", notification-due = "projects/p/topics/notification-due" }
    queues     = { conversations = "conversations", webhooks = "webhooks" }
    caller     = { email = "caller@p.iam.gserviceaccount.com", name = "projects/p/serviceAccounts/caller@p.iam.gserviceaccount.com" }
    sealing    = false
    kms_key    = null
    push_role  = "projects/p/roles/sends_pushes"
    repository = "us-central1-docker.pkg.dev/p/earshot"
  }
  function = {
    kind        = "function"
    entry_point = "main"
    trigger     = { task = { queue = "conversations" } }
    memory      = "256Mi"
    cpu         = 1
    timeout_s   = 60
    concurrency = 8
    roles       = ["firestore", "audio_reader"]
    secrets     = []
  }
}

run "called_by_a_task" {
  command = plan

  assert {
    condition     = length(google_cloudfunctions2_function.function[0].event_trigger) == 0
    error_message = "Nothing but a call starts it."
  }
  assert {
    condition     = keys(google_cloud_run_v2_service_iam_member.called) == ["caller"]
    error_message = "Only Cloud Tasks' identity calls it."
  }
  assert {
    condition     = google_cloudfunctions2_function.function[0].service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"
    error_message = "Nobody outside reaches it, with a token or without."
  }
  assert {
    condition     = google_cloudfunctions2_function.function[0].service_config[0].environment_variables["THREADS"] == "8"
    error_message = "It works on as many requests as it is given at once."
  }
  assert {
    condition     = google_cloudfunctions2_function.function[0].build_config[0].service_account == var.builds.account
    error_message = "Whoever builds it is not Compute Engine's default account, which may read what users have said."
  }
  assert {
    condition     = google_cloudfunctions2_function.function[0].build_config[0].docker_repository == var.builds.repository
    error_message = "Its image goes where its builder may write."
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.called["caller"].member == "serviceAccount:caller@p.iam.gserviceaccount.com"
    error_message = "Only Cloud Tasks' identity calls it."
  }
  assert {
    condition     = toset(values(google_project_iam_member.may)[*].role) == toset(["roles/datastore.user"])
    error_message = "It has the rights that the manifest names, and no others."
  }
  assert {
    condition     = [for each in google_storage_bucket_iam_member.may : "${each.bucket} ${each.role}"] == ["p-audio roles/storage.objectViewer"]
    error_message = "It reads sound, and no other bucket."
  }
  assert {
    condition = (
      length(google_pubsub_topic_iam_member.publishes) == 0 &&
      length(google_cloud_tasks_queue_iam_member.enqueues) == 0 &&
      length(google_service_account_iam_member.speaks_for_the_caller) == 0 &&
      length(google_project_iam_member.receives) == 0
    )
    error_message = "It may neither publish nor enqueue nor receive events."
  }
}

run "has_an_identity_of_its_own" {
  command = plan
  variables {
    name = "a-function-with-a-name-that-is-too-long"
  }
  expect_failures = [google_service_account.identity]
}

run "reaches_redis" {
  command = plan
  variables {
    network = { network = "net", subnetwork = "subnet", connector = "way-in" }
  }

  assert {
    condition     = google_cloudfunctions2_function.function[0].service_config[0].vpc_connector == "way-in"
    error_message = "Who is told of a Redis is in its network."
  }
  assert {
    condition     = google_cloudfunctions2_function.function[0].service_config[0].vpc_connector_egress_settings == "PRIVATE_RANGES_ONLY"
    error_message = "It reaches the world as before."
  }
}

run "follows_documents" {
  command = plan
  variables {
    function = {
      kind        = "function"
      entry_point = "main"
      trigger     = { firestore = { document = "users/{uid}/memories/{id}", event = "written" } }
      retry       = true
      memory      = "256Mi"
      cpu         = 1
      timeout_s   = 60
      concurrency = 8
      roles       = ["firestore", "topics_publisher"]
      secrets     = []
    }
  }

  assert {
    condition     = google_cloudfunctions2_function.function[0].event_trigger[0].event_type == "google.cloud.firestore.document.v1.written"
    error_message = "Its trigger is Firestore's."
  }
  assert {
    condition     = google_cloudfunctions2_function.function[0].event_trigger[0].retry_policy == "RETRY_POLICY_RETRY"
    error_message = "What fails comes again."
  }
  assert {
    condition = toset([
      for each in google_cloudfunctions2_function.function[0].event_trigger[0].event_filters : "${each.attribute} ${each.value}"
    ]) == toset(["database (default)", "document users/{uid}/memories/{id}"])
    error_message = "It follows these documents of this database."
  }
  assert {
    condition     = google_cloudfunctions2_function.function[0].service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"
    error_message = "Nobody outside reaches it."
  }
  assert {
    condition     = keys(google_cloud_run_v2_service_iam_member.called) == ["itself"]
    error_message = "Only its own trigger calls it."
  }
  assert {
    condition     = contains(keys(google_pubsub_topic_iam_member.publishes), "dead-letter")
    error_message = "It can put away what it gives up."
  }
}

run "follows_objects" {
  command = plan
  variables {
    function = {
      kind        = "function"
      entry_point = "main"
      trigger     = { storage = { bucket = "uploads", event = "finalized" } }
      retry       = true
      memory      = "256Mi"
      cpu         = 1
      timeout_s   = 60
      concurrency = 1
      roles       = ["uploads_writer"]
      secrets     = []
    }
  }

  assert {
    condition = [
      for each in google_cloudfunctions2_function.function[0].event_trigger[0].event_filters : "${each.attribute} ${each.value}"
    ] == ["bucket p-uploads"]
    error_message = "It follows one bucket."
  }
}

run "follows_messages" {
  command = plan
  variables {
    function = {
      kind        = "function"
      entry_point = "main"
      trigger     = { pubsub = { topic = "notification-due" } }
      retry       = true
      memory      = "256Mi"
      cpu         = 1
      timeout_s   = 60
      concurrency = 1
      roles       = ["push_sender"]
      secrets     = []
    }
  }

  assert {
    condition     = google_cloudfunctions2_function.function[0].event_trigger[0].pubsub_topic == "projects/p/topics/notification-due"
    error_message = "It follows one topic."
  }
  assert {
    condition     = google_project_iam_member.may["push_sender"].role == "projects/p/roles/sends_pushes"
    error_message = "It may send pushes and do nothing else with devices."
  }
}

run "called_by_a_timer" {
  command = plan
  variables {
    function = {
      kind        = "function"
      entry_point = "main"
      trigger     = { schedule = { cron = "* * * * *" } }
      memory      = "256Mi"
      cpu         = 1
      timeout_s   = 300
      concurrency = 1
      roles       = ["tasks_enqueuer"]
      secrets     = []
    }
  }

  assert {
    condition     = google_cloud_scheduler_job.timer[0].schedule == "* * * * *"
    error_message = "It is called every minute."
  }
  assert {
    condition     = google_cloud_scheduler_job.timer[0].http_target[0].oidc_token[0].service_account_email == "caller@p.iam.gserviceaccount.com"
    error_message = "By the identity that may."
  }
  assert {
    condition = (
      length(google_cloud_tasks_queue_iam_member.enqueues) == 2 &&
      google_service_account_iam_member.speaks_for_the_caller[0].role == "roles/iam.serviceAccountUser"
    )
    error_message = "It may enqueue, and name whom tasks are delivered for."
  }
}

run "serves_clients" {
  command = plan
  variables {
    secrets = ["PINECONE_API_KEY"]
    network = { network = "net", subnetwork = "subnet", connector = "way-in" }
    function = {
      kind        = "server"
      entry_point = "serve"
      trigger     = { http = { paths = ["/v4/listen"] } }
      public      = true
      memory      = "1Gi"
      cpu         = 1
      cpu_idle    = false
      timeout_s   = 3600
      concurrency = 250
      roles       = ["firestore"]
      secrets     = ["PINECONE_API_KEY", "DEEPGRAM_API_KEY"]
    }
  }

  assert {
    condition     = length(google_cloudfunctions2_function.function) == 0 && length(google_storage_bucket_object.source) == 0
    error_message = "It is a service, not a function."
  }
  assert {
    condition     = google_cloud_run_v2_service.service[0].invoker_iam_disabled && length(google_cloud_run_v2_service_iam_member.called) == 0
    error_message = "Everybody may call it, though no right of theirs names everybody; it looks at their tokens itself."
  }
  assert {
    condition     = google_cloud_run_v2_service.service[0].template[0].timeout == "3600s" && google_cloud_run_v2_service.service[0].template[0].session_affinity
    error_message = "A WebSocket may stay for an hour."
  }
  assert {
    condition     = google_cloud_run_v2_service.service[0].template[0].containers[0].resources[0].cpu_idle == false
    error_message = "It works between requests."
  }
  assert {
    condition = [
      for each in google_cloud_run_v2_service.service[0].template[0].containers[0].env : each.name if length(each.value_source) > 0
    ] == ["PINECONE_API_KEY"]
    error_message = "It is given the secrets that exist."
  }
  assert {
    condition     = google_cloud_run_v2_service.service[0].template[0].vpc_access[0].egress == "PRIVATE_RANGES_ONLY"
    error_message = "It reaches Redis, and the world as before."
  }
}

run "asks_for_a_right_that_does_not_exist" {
  command = plan
  variables {
    function = {
      kind        = "function"
      entry_point = "main"
      trigger     = { task = { queue = "conversations" } }
      memory      = "256Mi"
      cpu         = 1
      timeout_s   = 60
      concurrency = 8
      roles       = ["firestore", "everything"]
      secrets     = []
    }
  }
  expect_failures = [google_project_iam_member.may]
}
