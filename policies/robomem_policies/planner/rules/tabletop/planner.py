"""What the agent ``rules`` does where actions are numbers."""

from __future__ import annotations

import json

from robomem.embodied import Action, Plan, Reply, Situation
from robomem_policies.planner.rules.tabletop.moves import done, moves
from robomem_policies.planner.rules.tabletop.request import Wish, understand
from robomem_policies.planner.rules.tactics import Stuck

__all__ = ["TabletopPlanner"]

_MOST_FAILURES = 4


class TabletopPlanner:
    """Plans one episode at a table from the symbolic ``scene`` and the instruction alone."""

    def __init__(self) -> None:
        self._wishes: list[Wish] | None = None
        self._told: dict[Wish, int] = {}

    def plan(self, situation: Situation) -> Reply:
        """Answer with the next few actions.

        Raises:
            Stuck: it does not understand, or sees nothing more to do; the message says which.
            ValueError, KeyError, TypeError: the scene is not as it should be.
        """
        scene = json.loads(str(situation.observation["scene"]))
        if "objects" not in scene:
            raise Stuck("I need a scene that says what each object is.")
        if self._wishes is None:
            self._wishes = understand(situation.instruction, scene["objects"])
        open_wishes = [wish for wish in self._wishes if not done(wish, scene)]
        if not open_wishes:
            raise Stuck("I believe that everything is done.")
        wish = open_wishes[0]
        failures = self._told.get(wish, 0)
        if situation.history and not situation.history[-1].success:
            failures = self._told[wish] = failures + 1
        if failures > _MOST_FAILURES:
            raise Stuck(f"I have tried in vain. {situation.history[-1].feedback}")
        actions = tuple(Action(move) for move in moves(wish, scene, failures))
        text = f"{wish.deed} {wish.thing} {wish.place}{wish.towards}".strip()
        return Reply(Plan(actions, {"language_plan": text}), text)
