"""Live capture: one connection's audio, stored before it is understood, and the captions that come back."""
