"""Learning: from a configuration to a run folder with a policy."""
