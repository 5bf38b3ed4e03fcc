"""The agent ``rules``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robomem.embodied import Action, AgentOptions, Plan, Reply, Situation
from robomem_policies.planner.rules.beliefs import Beliefs
from robomem_policies.planner.rules.grammar import understand
from robomem_policies.planner.rules.navigator import Navigator, can_navigate
from robomem_policies.planner.rules.skillbook import read_skills
from robomem_policies.planner.rules.tabletop.planner import TabletopPlanner
from robomem_policies.planner.rules.tactics import Step, Stuck, Tactics
from robomem_policies.planner.rules.tokens import Lexer

__all__ = ["RulesAgent"]


class RulesAgent:
    """Plans by rules over what it has observed: deterministic, offline, without privileged knowledge.

    It needs the symbolic ``scene``; where actions are numbers, ``tabletop`` plans. It forgets everything between
    episodes, and gives up, saying why, where it does not understand an instruction or has searched in vain.
    """

    def __init__(self, options: AgentOptions) -> None:
        self._tactics: Tactics | None = None
        self._navigator: Navigator | None = None
        self._tabletop = TabletopPlanner()
        self._told: tuple[Step, ...] = ()
        self._heard = 0

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Forget the last episode."""
        self._tactics, self._navigator, self._told, self._heard = None, None, (), 0
        self._tabletop = TabletopPlanner()

    def plan(self, situation: Situation) -> Reply:
        """Answer with the next few steps; with an empty plan when done or at a loss."""
        if "scene" not in situation.observation:
            return _give_up("I need the symbolic scene, and there is none in the observation.")
        try:
            if not situation.skills:
                return self._tabletop.plan(situation)
            if can_navigate(situation.skills):
                return self._drive(situation)
            if self._tactics is None:
                self._begin(situation)
            assert self._tactics is not None
            self._beliefs.see(str(situation.observation["scene"]))
            self._listen(situation)
            if self._request.doubt and self._request.empty:
                return _give_up(f"I do not understand the instruction. {self._request.doubt}")
            steps = self._decide() or self._tactics.next()
        except Stuck as stuck:
            return _give_up(str(stuck))
        except (ValueError, KeyError, TypeError) as error:
            return _give_up(f"I cannot read the scene: {error!r}.")
        if not steps:
            return _give_up("I believe that everything is done.")
        return self._say(steps, situation)

    def _drive(self, situation: Situation) -> Reply:
        self._navigator = self._navigator or Navigator(situation)
        moves, why = self._navigator.next(situation)
        if not moves:
            return _give_up(f"I know of no other place to look: {why}.")
        actions = tuple(Action(move, situation.skills[move]) for move in moves)
        return Reply(Plan(actions, {"language_plan": why}), why)

    def _begin(self, situation: Situation) -> None:
        book = read_skills(situation.skills)
        self._beliefs = Beliefs(book)
        self._request = understand(situation.instruction, Lexer(book))
        self._tactics = Tactics(self._request, self._beliefs)

    def _decide(self) -> list[Step]:
        """Find out whether a condition holds: return steps until it is known, then go by it."""
        while self._request.condition is not None:
            assert self._tactics is not None
            what, then, otherwise = self._request.condition
            held = self._tactics.holds(what)
            if not isinstance(held, bool):
                return held
            self._request = then if held else otherwise
            self._tactics = Tactics(self._request, self._beliefs)
        return []

    def _listen(self, situation: Situation) -> None:
        """Learn from what did not work since the last plan."""
        assert self._tactics is not None
        fresh = situation.history[self._heard :]
        for step, done in zip(self._told, fresh):
            if not done.success:
                self._tactics.failed(step)
        self._heard = len(situation.history)

    def _say(self, steps: list[Step], situation: Situation) -> Reply:
        book = self._beliefs.book
        known = [step for step in steps if step in book.ids]
        if len(known) < len(steps):
            missing = next(step for step in steps if step not in book.ids)
            return _give_up(f"There is no skill to {' '.join(missing)}.")
        self._told = tuple(steps)
        actions = tuple(Action(book.ids[step], situation.skills[book.ids[step]]) for step in steps)
        text = ", then ".join(action.name for action in actions)
        return Reply(Plan(actions, {"language_plan": text}), text)


def _give_up(reason: str) -> Reply:
    return Reply(Plan((), {"reasoning_and_reflection": reason}), reason)
