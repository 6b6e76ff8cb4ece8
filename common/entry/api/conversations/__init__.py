"""Conversations: captured, edited, filed, merged, shared, played."""
