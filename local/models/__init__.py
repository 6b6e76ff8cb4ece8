"""The model server: an English speech recogniser and a sentence encoder that run offline, in a process of their own."""
