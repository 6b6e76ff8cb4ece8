"""The user's own things: settings, people, voices, the account."""
