"""How failures are put into words."""

from __future__ import annotations

from robomem_envs.household.home import Outcome

__all__ = ["name_of", "no"]


def name_of(name: str) -> str:
    """Return a name as it stands in a sentence: ``the coffee machine 1``."""
    return f"the {name.replace('_', ' ')}"


def no(reason: str, text: str, seconds: float = 0.0) -> Outcome:
    """Return a failure."""
    return Outcome(False, reason, text, seconds)
