"""The text that is known only when a launch file is evaluated."""

from collections.abc import Iterable


class Substitution:
    """Something that becomes text in a context."""

    def perform(self, context):
        raise NotImplementedError(type(self).__name__)


SomeSubstitutionsType = str | Substitution | Iterable


class SubstitutionFailure(RuntimeError):
    """A substitution that has no text here."""


def perform(context, value) -> str:
    """Return the text of a string, a substitution, or a list of them, joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, Substitution):
        return value.perform(context)
    if isinstance(value, Iterable):
        return "".join(perform(context, part) for part in value)
    raise TypeError(f"a text or a substitution is needed, not {value!r}")
