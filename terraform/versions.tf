terraform {
  required_version = ">= 1.9"

  # The bucket is named at `terraform init`: docs/deploy.md.
  backend "gcs" {
    prefix = "earshot"
  }

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region

  # Firebase's rules and budgets ask whose quota it is where a person applies, and not a service account.
  user_project_override = true
  billing_project       = var.project
}
