"""Data access: one module per collection, bucket, index and cache. Nothing else talks to a store."""
