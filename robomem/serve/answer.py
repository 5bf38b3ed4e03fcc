"""Plans in the published form of an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from robomem.embodied import Action

__all__ = ["answer_form"]


def answer_form(thoughts: Mapping[str, str], actions: Sequence[Action], skills: Sequence[str]) -> dict[str, Any]:
    """Return a plan in the published form of an answer: ids and names, or lists of integers as texts."""
    listed = [entry for action in actions if (entry := _entry(action, skills))]
    named = "; ".join(str(entry.get("action_name") or entry.get("action", "")) for entry in listed)
    return {
        "visual_state_description": thoughts.get("visual_state_description", ""),
        "reasoning_and_reflection": thoughts.get("reasoning_and_reflection", ""),
        "language_plan": thoughts.get("language_plan") or named,
        "executable_plan": listed,
    }


def _entry(action: Action, skills: Sequence[str]) -> dict[str, Any]:
    """Return one action; empty where an action of the other kind was asked for."""
    if isinstance(action.id, int):
        name = skills[action.id] if 0 <= action.id < len(skills) else action.name
        return {"action_id": action.id, "action_name": name} if skills else {}
    return {} if skills else {"action": str(list(action.id))}
