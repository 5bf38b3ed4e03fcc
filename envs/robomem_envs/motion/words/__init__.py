"""Words for commands."""
