"""Documents, events and wire frames as pydantic models; no I/O."""
