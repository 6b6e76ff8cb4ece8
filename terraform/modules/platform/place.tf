# What is stored stays where it is: with another project, region or prefix Terraform would make every bucket and the database anew.

resource "terraform_data" "place" {
  input = { project = var.project, region = var.region, name = var.name }

  lifecycle {
    ignore_changes = [input]
    postcondition {
      condition     = self.output == { project = var.project, region = var.region, name = var.name }
      error_message = "What is stored lies in ${join(", ", [for what, value in self.output : "${what} ${value}"])}, and would be destroyed: another place wants a state of its own (docs/deploy.md)."
    }
  }
}
