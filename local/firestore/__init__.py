"""google.firestore.v1 over gRPC on SQLite: documents, transactions, queries, listeners."""
