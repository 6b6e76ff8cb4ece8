"""Apps: the catalogue, who has enabled what, and what apps may do."""
