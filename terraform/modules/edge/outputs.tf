output "address" {
  description = "What the domain's A record must say."
  value       = google_compute_global_address.edge.address
}
