"""Vectors follow documents: one lease per document, again and again until the indexed revision is the current one."""
