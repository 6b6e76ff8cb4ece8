output "services" {
  description = "Where clients reach what is public."
  value       = { for name, function in local.manifest.functions : name => local.urls[name] if function.kind != "function" }
}

output "images" {
  description = "What has to be built and pushed for each service before it can be deployed: bundle and image."
  value = {
    for name, function in local.manifest.functions : name => {
      bundle = "${var.bundles}/${name}.zip"
      image  = module.function[name].image
    } if function.kind != "function"
  }
}

output "functions" {
  description = "What is deployed, by the names of the manifest."
  value       = { for name, function in module.function : name => function.deployed }
}

output "edge_address" {
  description = "What the domain's A record must say; null without a load balancer."
  value       = one(module.edge[*].address)
}

output "environment" {
  description = "What `python -m operate` works by: `terraform output -json environment`. No secret is in it."
  value       = { for name, value in local.environment : name => value if try(length(value), 0) > 0 }
}
