"""Learning from demonstrations: from data sets to a run folder with a policy."""
