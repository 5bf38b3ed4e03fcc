"""When an action is done."""

from launch.substitution import perform


class InvalidConditionExpressionError(RuntimeError):
    """A text that is neither true nor false."""


def truth(context, expression) -> bool:
    """Return what `launch` takes for true ('true', '1') and for false ('false', '0')."""
    text = perform(context, expression).strip().lower()
    if text not in ("true", "1", "false", "0"):
        raise InvalidConditionExpressionError(f"'{text}' is none of 'true', '1', 'false', '0'")
    return text in ("true", "1")


class IfCondition:
    def __init__(self, predicate_expression):
        self.predicate_expression = predicate_expression

    def evaluate(self, context):
        return truth(context, self.predicate_expression)


class UnlessCondition(IfCondition):
    def evaluate(self, context):
        return not super().evaluate(context)
