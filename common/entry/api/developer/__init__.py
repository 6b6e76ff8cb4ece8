"""For programs: keys, and the hosted MCP server."""
