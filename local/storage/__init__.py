"""Cloud Storage, locally: the JSON API over HTTP, metadata in SQLite, bytes in files."""
