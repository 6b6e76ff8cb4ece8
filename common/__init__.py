"""What the functions share: models, data access, providers and the business itself."""
