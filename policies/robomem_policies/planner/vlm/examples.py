"""Worked examples of plans, in our own words: the ids in them are those of another home."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["examples_for"]

_CHORES = (
    """Instruction: Put a plate into the sink.
Answer: {"visual_state_description": "A kitchen counter with a closed cabinet above it; no plate in sight.", \
"reasoning_and_reflection": "Plates are kept in cabinets. I open the cabinet, and if I see one there I take it to the \
sink.", "language_plan": "1. go to the cabinet, 2. open it", "executable_plan": [{"action_id": 14, "action_name": \
"go to the cabinet"}, {"action_id": 41, "action_name": "open the cabinet"}]}""",
    """Instruction: Put a plate into the sink. The last action, pick up the plate, failed: your hand is full.
Answer: {"visual_state_description": "I stand before an open cabinet and hold a cup.", "reasoning_and_reflection": \
"I could not take the plate because I hold a cup. I lay the cup down here, then take the plate to the sink.", \
"language_plan": "1. place the cup at the cabinet, 2. pick up the plate, 3. go to the sink, 4. place it there", \
"executable_plan": [{"action_id": 33, "action_name": "place at the cabinet"}, {"action_id": 22, "action_name": \
"pick up the plate"}, {"action_id": 3, "action_name": "go to the sink"}, {"action_id": 36, "action_name": \
"place at the sink"}]}""",
)

_WALKS = (
    """Instruction: Go to the kettle.
Answer: {"visual_state_description": "The kettle stands on a counter ahead, to the right, some two metres away; the \
floor before me is free.", "reasoning_and_reflection": "I need not turn: I go forward until it is close, and then to \
the right.", "language_plan": "1. forward four times, 2. to the right twice", "executable_plan": [{"action_id": 0, \
"action_name": "move forward by 0.25 m"}, {"action_id": 0, "action_name": "move forward by 0.25 m"}, {"action_id": 0, \
"action_name": "move forward by 0.25 m"}, {"action_id": 0, "action_name": "move forward by 0.25 m"}, {"action_id": 2, \
"action_name": "move to the right by 0.25 m"}, {"action_id": 2, "action_name": "move to the right by 0.25 m"}]}""",
    """Instruction: Go to the kettle. The last action, move forward, failed: something is in the way.
Answer: {"visual_state_description": "A table stands right before me; no kettle is in the picture.", \
"reasoning_and_reflection": "I cannot go on ahead and do not see the kettle. I turn to look for it.", \
"language_plan": "1. turn to the left", "executable_plan": [{"action_id": 5, "action_name": "rotate to the left by 90 \
degrees"}]}""",
)


def examples_for(skills: Sequence[str]) -> tuple[str, ...]:
    """Return examples with actions of the kind that there are: strides and turns, or chores."""
    return _WALKS if any(skill.startswith("rotate") for skill in skills) else _CHORES
