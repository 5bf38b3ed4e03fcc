"""Plans as a language model writes them: JSON in the published form, repaired where its meaning is plain."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from robomem.errors import RobomemError

__all__ = ["GIVEN_UP", "Action", "Plan", "PlanError", "json_object", "parse_plan"]

MAX_CHARACTERS = 100_000
MAX_ACTIONS = 100
GIVEN_UP = "given_up"
"""Of a plan's thoughts, where there are no actions: why there is no way on. An empty plan alone may mean "done"."""


class PlanError(RobomemError, ValueError):
    """An answer that holds no plan."""


@dataclass(frozen=True)
class Action:
    """One action of a plan: the id of a skill, or the numbers of a low-level action; and what the agent calls it."""

    id: int | tuple[int, ...]
    name: str = ""


@dataclass(frozen=True)
class Plan:
    """Actions to be done in order, and what the agent said beside them.

    Attributes:
        actions: none if the agent gives up.
        thoughts: its other fields (``visual_state_description``, ``reasoning_and_reflection``, ``language_plan``).
    """

    actions: tuple[Action, ...]
    thoughts: Mapping[str, str]


def parse_plan(text: str) -> Plan:
    """Return the plan in an answer such as ``{"language_plan": …, "executable_plan": [{"action_id": 3, …}]}``.

    Code fences, text around the object, trailing commas and an ``executable_plan`` that is itself a JSON text are
    understood. Low-level actions are ``{"action": [7 integers]}`` or that list as a text.

    Raises:
        PlanError: there is no JSON object, it has no ``executable_plan``, or an action in it is no integer.
    """
    content = json_object(text)
    if "executable_plan" not in content:
        raise PlanError(f"The answer has no executable_plan, only {', '.join(content) or 'an empty object'}.")
    steps = _decoded(content["executable_plan"])
    steps = [steps] if isinstance(steps, Mapping) else steps
    if not isinstance(steps, list):
        raise PlanError(f"executable_plan must be a list of actions, not {type(steps).__name__}.")
    actions = tuple(_action(step) for step in steps[:MAX_ACTIONS])
    thoughts = {name: value for name, value in content.items() if isinstance(value, str) and name != "executable_plan"}
    return Plan(actions, thoughts)


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object in an answer; fences, text around it and trailing commas are understood.

    Raises:
        PlanError: there is none, or the answer is longer than any plan.
    """
    if len(text) > MAX_CHARACTERS:
        raise PlanError(f"The answer has {len(text):,} characters; a plan has at most {MAX_CHARACTERS:,}.")
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0 or end < begin:
        raise PlanError("The answer holds no JSON object.")
    body = text[begin : end + 1]
    for candidate in (body, re.sub(r",(\s*[}\]])", r"\1", body)):
        try:
            content = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict):
            return content
    raise PlanError("The answer is not valid JSON.")


def _decoded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise PlanError(f"executable_plan is a text that is not JSON: {value[:80]!r}.") from error


def _action(step: Any) -> Action:
    name = ""
    if isinstance(step, Mapping):
        name = str(step.get("action_name", ""))
        step = step.get("action_id", step.get("action"))
    if isinstance(step, str):
        step = int(step) if re.fullmatch(r"-?\d{1,9}", step.strip()) else _decoded(step)
    if isinstance(step, int) and not isinstance(step, bool):
        return Action(step, name)
    if (
        isinstance(step, list)
        and step
        and all(isinstance(number, int) and not isinstance(number, bool) for number in step)
    ):
        return Action(tuple(step), name)
    raise PlanError(f"An action must be an integer or a list of integers, not {step!r}.")
