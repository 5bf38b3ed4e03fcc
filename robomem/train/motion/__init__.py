"""Learning to move as words say: stages one after the other, in a run folder like any other."""
