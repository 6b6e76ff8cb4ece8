"""Chat: messages, sessions, files, voice."""
