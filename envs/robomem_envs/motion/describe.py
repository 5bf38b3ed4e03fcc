"""A line on each robot that moves, for `robomem list`."""

from __future__ import annotations

__all__ = ["describe"]


def describe() -> dict[str, str]:
    """Return name -> what it is, without building a model."""
    return {
        "so101": "five joints and jaws on a table, seven verbs; the twin of the arm",
        "humanoid": "25 hinges and a free root, 1.3 m, fifteen verbs; our own in primitive shapes",
    }
