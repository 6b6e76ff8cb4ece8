# What functions share: who may ask Firestore directly, and what its queries find.

mock_provider "google" {}

variables {
  project             = "a-project"
  project_number      = "123456789012"
  region              = "us-central1"
  name                = "earshot"
  buckets             = ["audio", "media", "uploads"]
  topics              = ["dead-letter"]
  services            = ["api", "listen"]
  queues              = {}
  indexes             = jsondecode(file("../../../firestore.indexes.json"))
  rules               = file("../../../firestore.rules")
  redis_gb            = 0
  sealing             = false
  keep_days           = { audio = 90, uploads = 7 }
  alert_email         = ""
  deletion_protection = true
}

run "with_a_redis" {
  command = plan
  variables {
    redis_gb = 1
  }

  assert {
    condition     = length(google_vpc_access_connector.functions) == 1 && length(google_redis_instance.cache) == 1
    error_message = "Functions have a way to it."
  }
  assert {
    condition     = google_compute_firewall.nobody_enters[0].priority == 65534
    error_message = "The connector's health is looked at, and its traffic let in, by rules of Google's that come first."
  }
  assert {
    condition     = tonumber(split("/", google_compute_subnetwork.private[0].ip_cidr_range)[1]) <= 20
    error_message = "There are addresses for 4 x 100 instances of each service."
  }
  assert {
    condition     = contains(keys(google_project_service.needed), "vpcaccess")
    error_message = "Connectors want their own API."
  }
}

run "rules_and_indexes_are_those_of_the_files" {
  command = plan

  assert {
    condition     = google_firebaserules_ruleset.firestore.source[0].files[0].content == file("../../../firestore.rules")
    error_message = "The rules that tests/rules has tried are those that are deployed."
  }
  assert {
    condition     = google_firebaserules_release.firestore.name == "cloud.firestore"
    error_message = "Rules hold for the database whose name is their release's."
  }
  assert {
    condition = alltrue([
      for each in ["aggregations", "denominator_aggregations"] :
      google_monitoring_alert_policy.failing.conditions[0].condition_threshold[0][each][0].group_by_fields[0] == "resource.label.service_name"
    ])
    error_message = "One policy watches all functions, each by itself."
  }
  assert {
    condition     = length(google_firestore_index.composite) == length(var.indexes.indexes)
    error_message = "Every composite index is made, and none twice."
  }
  assert {
    condition = alltrue([
      for override in var.indexes.fieldOverrides :
      length(google_firestore_field.indexed["${override.collectionGroup}.${override.fieldPath}"].ttl_config) == (try(override.ttl, false) ? 1 : 0)
    ])
    error_message = "What has a time to live expires, and nothing else does."
  }
  assert {
    condition = [
      for rule in google_storage_bucket.data["audio"].lifecycle_rule :
      [one(rule.condition).age, tolist(one(rule.condition).matches_storage_class)] if one(rule.action).type == "Delete"
    ] == [[90, tolist(["STANDARD"])]]
    error_message = "Audio that nobody has understood stays for as long as is said, and what its owner keeps stays for good."
  }
}

run "whoever_builds" {
  command = plan

  assert {
    condition     = google_service_account.builder.account_id == "earshot-builder"
    error_message = "tools/images.sh has images built as this account."
  }
  assert {
    condition     = google_project_iam_member.builder_logs.role == "roles/logging.logWriter"
    error_message = "It writes down how a build went."
  }
  assert {
    condition = (
      google_artifact_registry_repository_iam_member.builder_writes.role == "roles/artifactregistry.writer" &&
      google_artifact_registry_repository_iam_member.builder_writes.repository == "earshot"
    )
    error_message = "It puts images into our registry, and into no other."
  }
  assert {
    condition = (
      google_storage_bucket_iam_member.builder_reads.role == "roles/storage.objectViewer" &&
      google_storage_bucket_iam_member.builder_reads.bucket == google_storage_bucket.sources.name
    )
    error_message = "It reads sources, and no bucket of users."
  }
  assert {
    condition = (
      google_project_iam_member.builder_reads_copies.role == "roles/storage.objectViewer" &&
      google_project_iam_member.builder_reads_copies.condition[0].expression == "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-123456789012-us-central1\")"
    )
    error_message = "What it may in the whole project holds for Cloud Functions' copies of sources alone."
  }
}

run "without_backups" {
  command = plan

  assert {
    condition     = length(google_firestore_backup_schedule.daily) == 0
    error_message = "What a user deletes is kept nowhere that nobody wished for."
  }
}

run "with_backups" {
  command = plan
  variables {
    backup_days = 14
  }

  assert {
    condition     = google_firestore_backup_schedule.daily[0].retention == "1209600s"
    error_message = "They are kept for as long as is said."
  }
}

run "made_in_one_place" {
  command = apply

  assert {
    condition = alltrue([
      for each in [
        google_project_iam_member.builder_logs, google_project_iam_member.builder_reads_copies,
        google_storage_bucket_iam_member.builder_reads, google_artifact_registry_repository_iam_member.builder_writes,
      ] : each.member == google_service_account.builder.member
    ])
    error_message = "What building needs is the builder's right."
  }
  assert {
    condition     = output.builds.account == google_service_account.builder.name
    error_message = "Functions are built as the builder."
  }
}

run "asked_for_in_another" {
  command = plan
  variables {
    region = "europe-west4"
  }
  expect_failures = [terraform_data.place]
}

run "asked_for_by_another_name" {
  command = plan
  variables {
    name = "other"
  }
  expect_failures = [terraform_data.place]
}
