"""The recall suite: tasks on real arms that cannot be done without remembering."""
