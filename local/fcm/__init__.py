"""Firebase Cloud Messaging's HTTP v1 API, whose devices are an outbox that can be read."""
