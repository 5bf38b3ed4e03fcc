"""The agent ``rules``: reads the instruction with a small grammar, searches, remembers, and plans; no language model."""
