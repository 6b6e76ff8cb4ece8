"""The whole of a user: everything exported, everything deleted; and the keys of their programs."""
