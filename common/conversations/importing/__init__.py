"""Conversations that were recorded and understood elsewhere, from the files in which that is exported."""
