"""``robomem motion``: text to motion that a robot performs, and what is in a file of motion."""

from __future__ import annotations

from collections.abc import Sequence

from robomem.cli.actions import run_action

__all__ = ["main"]

ACTIONS = {
    "generate": (
        "generate_motion:Generate",
        'move as words say: robomem motion generate "wave; bow slowly" --model RUN --out clip.mp4',
    ),
    "show": ("show_motion:Show", "what is in a clip or a set of clips: robomem motion show clip.npz"),
}
"""Module and dataclass of each action, and what it does."""


def main(argv: Sequence[str]) -> int:
    """Run ``robomem motion`` with the words after the verb."""
    about = "Motion in words: generate it with a model of robomem train motion, have a robot perform it, look at files."
    return run_action("motion", ACTIONS, argv, package="robomem.cli", takes="…", about=about)
