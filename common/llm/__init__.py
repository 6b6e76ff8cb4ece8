"""Language models and embeddings: one adapter per provider, one prompt with its response model per file."""
