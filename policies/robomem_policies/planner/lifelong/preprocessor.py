"""The information preprocessor: what was done and seen, in a sentence; what to ask the memory; and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from robomem.embodied import Executed
from robomem.errors import DataError
from robomem.lifelong.recollection import Recollection
from robomem_policies.planner.lifelong.by_model import ModelRoles
from robomem_policies.planner.lifelong.by_rules import RuleQueryGenerator, RuleSummariser
from robomem_policies.planner.lifelong.scene import observation, readings
from robomem_policies.planner.lifelong.session import Session
from robomem_policies.planner.lifelong.stand_in import StandIn

__all__ = ["Preprocessor"]


class Preprocessor:
    """Takes each step in: summariser and query generator side by side, then update, then retrieval.

    Args:
        session: the memory; None for none, and then there is nothing to do.
        stand_in: that asks the model, or rules.
        model: that plays the roles; None for rules.
    """

    def __init__(self, session: Session | None, stand_in: StandIn, model: ModelRoles | None) -> None:
        self._session, self._stand_in, self._model = session, stand_in, model
        self._queries = RuleQueryGenerator()
        self._summariser = RuleSummariser()
        self._before: Mapping[str, Any] | None = None

    def begin(self, kinds: frozenset[str]) -> None:
        """Begin an episode about things of these kinds."""
        self._queries, self._before = RuleQueryGenerator(kinds), None

    def take_in(self, task: str, done: Executed | None, scene: Mapping[str, Any]) -> Recollection:
        """Return what the memory knows that bears on the step, once it has taken it in.

        Args:
            task: in words.
            done: the last action and what came of it; None at the start.
            scene: what is seen now.
        """
        if self._session is None:
            return Recollection()
        models: dict[str, Callable[[], Any]] = {}
        if self._model is not None:
            model = self._model
            models["summariser"] = lambda: model.summarise(done, scene)
            models["queries"] = lambda: model.queries(task, done, scene)
        rules: dict[str, Callable[[], Any]] = {
            "summariser": lambda: self._summariser.summarise(done, scene),
            "queries": lambda: self._queries.queries(task, done, scene),
        }
        said = self._stand_in.ask(models, rules)
        time = self._session.tick()
        action, success = (done.action.name[:500], done.success) if done is not None else ("", None)
        told = {"summary": said["summariser"], "action": action, "success": success}
        try:
            self._session.observe(observation(scene, time, before=self._before, **told), said["queries"])
            read = readings(scene, time)
            if read is not None:
                self._session.observe(read, ())
        except (DataError, KeyError, TypeError) as error:  # the scene names what nothing can be called
            self._session.notes.append(f"memory: this scene was not taken in: {error}")
        self._before = scene
        return self._session.recall(said["queries"])
