"""The agent ``rules``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robomem.embodied import Action, AgentOptions, Plan, Reply, Situation
from robomem_policies.planner.rules.beliefs import Beliefs
from robomem_policies.planner.rules.course import Course
from robomem_policies.planner.rules.navigator import Navigator, can_navigate
from robomem_policies.planner.rules.skillbook import read_skills
from robomem_policies.planner.rules.tabletop.planner import TabletopPlanner
from robomem_policies.planner.rules.tactics import Step, Stuck

__all__ = ["RulesAgent", "give_up"]


class RulesAgent:
    """Plans by rules over what it has observed: deterministic, offline, without privileged knowledge.

    It needs the symbolic ``scene``; where actions are numbers, ``tabletop`` plans. It forgets everything between
    episodes, and gives up, saying why, where it does not understand an instruction or has searched in vain.
    """

    def __init__(self, options: AgentOptions) -> None:
        self._course: Course | None = None
        self._navigator: Navigator | None = None
        self._tabletop = TabletopPlanner()
        self._told: tuple[Step, ...] = ()
        self._heard = 0

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Forget the last episode."""
        self._course, self._navigator, self._told, self._heard = None, None, (), 0
        self._tabletop = TabletopPlanner()

    def plan(self, situation: Situation) -> Reply:
        """Answer with the next few steps; with an empty plan when done or at a loss."""
        if "scene" not in situation.observation:
            return give_up("I need the symbolic scene, and there is none in the observation.")
        try:
            if not situation.skills:
                return self._tabletop.plan(situation)
            if can_navigate(situation.skills):
                return self._drive(situation)
            if self._course is None:
                self._beliefs = Beliefs(read_skills(situation.skills))
                self._course = Course(situation.instruction, self._beliefs)
            self._beliefs.see(str(situation.observation["scene"]))
            self._listen(self._course, situation)
            steps = self._course.next()
        except Stuck as stuck:
            return give_up(str(stuck))
        except (ValueError, KeyError, TypeError) as error:
            return give_up(f"I cannot read the scene: {error!r}.")
        if not steps:
            return give_up("I believe that everything is done.")
        self._told = tuple(steps)
        ids = self._beliefs.book.ids
        actions = tuple(Action(ids[step], situation.skills[ids[step]]) for step in steps)
        text = ", then ".join(action.name for action in actions)
        return Reply(Plan(actions, {"language_plan": text}), text)

    def _drive(self, situation: Situation) -> Reply:
        self._navigator = self._navigator or Navigator(situation)
        moves, why = self._navigator.next(situation)
        if not moves:
            return give_up(f"I know of no other place to look: {why}.")
        actions = tuple(Action(move, situation.skills[move]) for move in moves)
        return Reply(Plan(actions, {"language_plan": why}), why)

    def _listen(self, course: Course, situation: Situation) -> None:
        """Learn from what did not work since the last plan."""
        fresh = situation.history[self._heard :]
        for step, done in zip(self._told, fresh):
            if not done.success:
                course.failed(step)
        self._heard = len(situation.history)


def give_up(reason: str) -> Reply:
    """Return the empty plan that ends an episode, with the reason."""
    return Reply(Plan((), {"reasoning_and_reflection": reason}), reason)
