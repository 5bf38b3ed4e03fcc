"""The agent ``named-skills``: does what it is told with skills that have names, and asks its memory for the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from robomem.embodied import GIVEN_UP, Action, AgentOptions, Plan, Reply, Situation

__all__ = ["NamedSkillsAgent"]

_TRIES = 2
_SMALL = (
    "a again and at by did for from i in is it me my of on once please that the then there this to was were what where "
    "which you your"
)
_EMPTY = frozenset(re.findall(r"\w+", _SMALL))
"""Words that tell no skill from another."""


class NamedSkillsAgent:
    """Rules for an arm whose skills have names: no language model, deterministic.

    An instruction is one step or several, divided by ``then``, ``;`` or a full stop. A step that has all words of a
    skill's name (or of its other words) is that skill. Else the memory decides among the skills that begin with one of
    the step's words and bring the hand to a known place: first by what was kept under the name of the skill's ``keep``,
    of which the latest holds, then by anything that names exactly one of the places. Text that was remembered chooses
    among skills and is never an instruction. Words for times, as *yesterday*, are not understood.

    Each answer is one action. Before each step after the first of a plan a critic looks whether, by what is remembered
    now, it is still the one to take. A skill that failed is tried once more.
    """

    def __init__(self, options: AgentOptions) -> None:
        self._planned: list[str] = []

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Begin a task; see ``robomem.embodied.Agent``."""
        self._planned = []

    def plan(self, situation: Situation) -> Reply:
        """Answer with the next skill; with an empty plan when all is done, or at a loss."""
        try:
            scene = json.loads(situation.observation["scene"])
            skills = {name: _Named.of(name, scene["skills"].get(name, {})) for name in situation.skills}
            recalled, trouble = [str(fact) for fact in scene.get("recalled", ())], str(scene.get("memory") or "")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return _give_up(f"I cannot read the scene: {error!r}.")
        steps = [step for step in re.split(r"\bthen\b|[;.!?]+(?:\s|$)", situation.instruction) if _words(step)]
        done = sum(executed.success for executed in situation.history)
        if not steps:
            return _give_up(f"There is nothing to do in {situation.instruction!r:.200}.")
        if done >= len(steps):
            return Reply(Plan((), {"reasoning_and_reflection": "All steps are done."}), "done")
        failures = 0
        for executed in reversed(situation.history):
            if executed.success:
                break
            failures += 1
        if failures >= _TRIES:
            last = situation.history[-1]
            return _give_up(f"“{last.action.name}” failed {failures} times: {last.feedback}")
        chosen, why = _choose(steps[done], skills, recalled, trouble)
        if chosen is None:
            return _give_up(why)
        name = chosen.name
        thoughts = {"language_plan": why}
        if done == 0 or not self._planned:
            known = [_choose(step, skills, recalled, trouble)[0] for step in steps]
            self._planned = [each.name if each else "" for each in known]
        elif self._planned[done] not in ("", name):
            thoughts["notices"] = f"The critic: not “{self._planned[done]}”, as planned, but “{name}”"
            self._planned[done] = name
        return Reply(Plan((Action(situation.skills.index(name), name),), thoughts), f"{name}: {why}")


@dataclass(frozen=True)
class _Named:
    name: str
    phrases: tuple[frozenset[str], ...]
    verb: str
    at: str
    keep: str

    @classmethod
    def of(cls, name: str, told: Mapping[str, Any]) -> _Named:
        words = [name, *map(str, told.get("also", ()))]
        first = next(iter(re.findall(r"\w+", name.lower())), "")
        phrases = tuple(found for each in words if (found := frozenset(_words(each))))
        return cls(name, phrases, first, str(told.get("at", "")), str(told.get("keep", "")))


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.lower()) if word not in _EMPTY]


def _choose(
    step: str, skills: Mapping[str, _Named], recalled: Sequence[str], trouble: str
) -> tuple[_Named | None, str]:
    """Return the skill for a step, and why it is that one, or why there is none."""
    said = frozenset(_words(step))
    named = [(max(len(phrase) for phrase in skill.phrases if phrase <= said), skill)
             for skill in skills.values() if any(phrase <= said for phrase in skill.phrases)]  # fmt: skip
    most = max((count for count, _ in named), default=0)
    best = [skill for count, skill in named if count == most]
    if len(best) == 1:
        return best[0], f"“{step.strip()}” names it"
    if best:
        names = ", ".join(skill.name for skill in best)
        return None, f"“{step.strip()}” names several skills: {names}."
    able = [skill for skill in skills.values() if skill.at and skill.verb in said]
    if not able:
        return None, f"I have no skill for “{step.strip()}”; I know: {', '.join(skills)}."
    for fact in [*_kept(recalled, able), *recalled]:
        there = [skill for skill in able if _names(fact, skill.at)]
        if len({skill.at for skill in there}) == 1:
            return there[0], f"I remember: {fact[:200]}"
    lost = f"my memory does not answer ({trouble})" if trouble else "I do not remember where"
    return None, f"“{step.strip()}”: {lost}; I could {', '.join(skill.name for skill in able)}."


def _kept(recalled: Sequence[str], able: Sequence[_Named]) -> list[str]:
    return [fact for fact in recalled if any(skill.keep and _names(fact, skill.keep) for skill in able)]


def _names(fact: str, name: str) -> bool:
    """Return whether a text has a name in it, as whole words."""
    said, wanted = re.findall(r"\w+", fact.lower()), re.findall(r"\w+", name.lower())
    return any(said[at : at + len(wanted)] == wanted for at in range(len(said) - len(wanted) + 1))


def _give_up(why: str) -> Reply:
    return Reply(Plan((), {GIVEN_UP: why}), why)
