"""Remote MCP servers as apps: adding them, being let in, asking them."""
