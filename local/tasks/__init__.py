"""Cloud Tasks, locally: `google.cloud.tasks.v2` over gRPC, HTTP dispatch with Google's headers, state in SQLite."""
