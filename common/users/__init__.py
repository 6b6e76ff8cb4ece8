"""What a user has set, and used."""
