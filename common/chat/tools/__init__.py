"""Tools that the chat's model may call, each for the user who asks and nobody else (CONTRACT section 6.3)."""
