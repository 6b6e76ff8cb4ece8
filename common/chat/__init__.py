"""Chat: messages, sessions and files."""
