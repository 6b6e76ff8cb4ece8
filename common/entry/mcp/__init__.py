"""The hosted MCP server: tools over use cases, for assistants that hold a user's key."""
