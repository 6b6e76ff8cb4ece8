"""The life of a conversation, from the first frame of audio to its deletion: use cases and pure logic."""
