"""A lifelong memory for people and other agents: a page in the browser, an MCP server, an OpenAI-compatible proxy."""
