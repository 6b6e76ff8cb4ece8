"""The REST surface: thin routers that parse, authorise, call one use case and answer."""
