"""Pub/Sub, locally: `google.pubsub.v1` over gRPC, pull and push, state in SQLite."""
