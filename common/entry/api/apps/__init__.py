"""Apps: the catalogue, what users enable, what apps may do."""
