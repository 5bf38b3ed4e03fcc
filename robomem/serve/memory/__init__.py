"""A lifelong memory for people and for other agents: a page in the browser, an MCP server, an OpenAI-compatible proxy."""
