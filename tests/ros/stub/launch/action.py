"""What every action of a launch file shares: its condition."""


class Action:
    """Something that a launch file does, unless its condition says no."""

    def __init__(self, *, condition=None):
        self.condition = condition

    def visit(self, context):
        """Execute, then visit what comes of it."""
        if self.condition is None or self.condition.evaluate(context):
            for entity in self.execute(context) or []:
                entity.visit(context)

    def execute(self, context):
        """Do it; return the actions to visit next, if any."""
        raise NotImplementedError(type(self).__name__)
