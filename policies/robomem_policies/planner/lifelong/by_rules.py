"""The planner's roles by rules: deterministic, offline, and what stands in where a language model fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from robomem.embodied import Action, Executed
from robomem_policies.planner.lifelong.roles import Outlook, Proposal, Verdict
from robomem_policies.planner.rules.beliefs import Beliefs
from robomem_policies.planner.rules.course import Course
from robomem_policies.planner.rules.skillbook import kind_of
from robomem_policies.planner.rules.tactics import Step, Stuck

__all__ = ["RuleCritic", "RulePlanner", "RuleQueryGenerator", "RuleSummariser", "step_of"]

MOST_NAMED = 8
MOST_QUERIES = 5


class RuleSummariser:
    """Says the action, the feedback, and what lies where the robot stands."""

    def summarise(self, done: Executed | None, scene: Mapping[str, Any]) -> str:
        """Return the sentence; see ``Summariser``."""
        at, holding = scene.get("at"), scene.get("holding")
        objects = [one for one in scene.get("objects", ()) if isinstance(one, Mapping)]
        here = [str(one.get("name")) for one in objects if at and one.get("place") == at]
        seen = f"there I see {_list(here)}" if here else f"I see nothing there, and {len(objects)} things elsewhere"
        place = f"At the {at}: {seen}" if at else f"In the {scene.get('room') or 'home'} I see {len(objects)} things"
        hand = f"I hold the {holding}" if holding else "my hand is empty"
        if done is None:
            return f"I begin. {place}; {hand}."[:600]
        name = done.action.name or "an action that does not exist"
        outcome = "worked" if done.success else f"failed ({_line(done.feedback)})"
        return f"I did “{name}”, which {outcome}. {place}; {hand}."[:600]


class RuleQueryGenerator:
    """Asks where the things of the task are, what was tried for it, what the user likes, and what is known here."""

    def __init__(self, kinds: frozenset[str] | None = None) -> None:
        self._kinds = sorted(kinds or ())

    def queries(self, task: str, done: Executed | None, scene: Mapping[str, Any]) -> Sequence[str]:
        """Return the queries; see ``QueryGenerator``."""
        things = _list(self._kinds) if self._kinds else "the things of the task"
        asked = [task[:500], f"Where is the {things}?", f"Where does the user want {things}?"]
        if done is not None and not done.success:
            asked.append(f"{done.action.name} failed")
        asked.append(
            f"What is in or on the {scene['at']}?" if scene.get("at") else f"What is in the {scene.get('room')}?"
        )
        return list(dict.fromkeys(asked))[:MOST_QUERIES]


class RulePlanner:
    """Works the task off by rules over beliefs that the memory has filled in."""

    def __init__(self, course: Course, beliefs: Beliefs) -> None:
        self._course, self._beliefs = course, beliefs
        self._given_up: dict[Step, int] = {}

    def failed(self, step: Step, times: int = 1) -> None:
        """Learn that a step did not work; what cannot be reached or opened twice is not where things are expected."""
        for _ in range(times):
            self._course.failed(step)
        if step[0] in ("go", "open"):
            self._given_up[step] = self._given_up.get(step, 0) + times
            if self._given_up[step] > 1:
                self._beliefs.doubt(step[1])

    def plan(self, outlook: Outlook) -> Proposal:
        """Return the next few steps; see ``Planner``."""
        try:
            steps = self._course.next()
        except Stuck as stuck:
            return Proposal((), str(stuck))
        ids, skills = self._beliefs.book.ids, outlook.situation.skills
        actions = tuple(Action(ids[step], skills[ids[step]]) for step in steps)
        said = ", then ".join(action.name for action in actions)
        return Proposal(actions, said or "I believe that everything is done.")


class RuleCritic:
    """Rejects what cannot work now, and the search for what has been seen meanwhile."""

    def __init__(self, course: Course, beliefs: Beliefs) -> None:
        self._course, self._beliefs = course, beliefs

    def judge(self, action: Action, outlook: Outlook) -> Verdict:
        """Return whether an action can work; see ``Critic``."""
        step = step_of(action, self._beliefs)
        if step is None:
            return Verdict(False, f"there is no action {action.id}")
        why = self._objection(*step)
        return Verdict(not why, why)

    def _objection(self, verb: str, name: str) -> str:
        beliefs = self._beliefs
        if verb in ("go", "open") and self._course.found:
            return "what I was looking for is in sight"
        if verb == "go":
            return f"I am at the {name} already" if beliefs.at == name else ""
        if verb in ("pick up", "slice"):
            return self._about_thing(verb, name)
        if verb in ("put down", "place at", "drop"):
            return self._about_putting(name)
        if beliefs.at and beliefs.at != name:
            return f"I am at the {beliefs.at}, not at the {name}"
        running, shut = name in beliefs.running, beliefs.shut(name)
        done = {"open": not shut, "close": shut, "turn on": running, "turn off": not running}
        return f"to {verb} the {name} is done already" if done.get(verb) else ""

    def _about_thing(self, verb: str, name: str) -> str:
        beliefs = self._beliefs
        if name not in beliefs.things or name in beliefs.recalled:
            return f"I do not see the {name}"
        one = beliefs.things[name]
        if one.relation in ("in", "on") and beliefs.at and one.place != beliefs.at:
            return f"the {name} is {one.relation} the {one.place}, not here"
        if verb == "slice":
            return "" if kind_of(beliefs.holding) == "knife" else "I hold no knife"
        return f"my hand is full: I hold the {beliefs.holding}" if beliefs.holding else ""

    def _about_putting(self, name: str) -> str:
        beliefs = self._beliefs
        if not beliefs.holding:
            return "my hand is empty"
        if name and beliefs.at != name:
            return f"I am not at the {name}"
        return f"the {beliefs.at} is closed" if beliefs.at and beliefs.shut(beliefs.at) else ""


def step_of(action: Action, beliefs: Beliefs) -> Step | None:
    """Return the step that an action is; None if there is none."""
    found = None
    for step, number in beliefs.book.ids.items():  # of two names for one skill, that of the furniture comes last
        if number == action.id:
            found = step
    return found


def _list(names: Iterable[str]) -> str:
    every = [_line(name) for name in names]
    more = f" and {len(every) - MOST_NAMED} more" if len(every) > MOST_NAMED else ""
    return ", ".join(every[:MOST_NAMED]) + more


def _line(text: object) -> str:
    return " ".join(str(text).split())[:200]
