# For people who rely on it.
edge                = "lb"
redis_gb            = 1
sealing             = true
deletion_protection = true
most_instances      = 100
