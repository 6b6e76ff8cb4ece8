"""The whole of a user: everything exported, everything deleted."""
