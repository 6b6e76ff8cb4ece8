# For trying things out: nothing costs anything while nobody speaks, and everything can be destroyed.
edge                = "none"
redis_gb            = 0
sealing             = false
deletion_protection = false
most_instances      = 3
