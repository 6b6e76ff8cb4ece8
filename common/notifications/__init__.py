"""Telling the user: messages pushed to their devices."""
