"""The agent ``rules``: a small grammar, a memory of what was seen, and tactics; no language model."""
