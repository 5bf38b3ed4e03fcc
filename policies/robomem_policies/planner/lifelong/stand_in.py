"""Rules stand in for a language model that answers nonsense, too late or never."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from robomem.lifelong.deadlines import Outcome, SideBySide

__all__ = ["StandIn"]

IN_A_ROW, REST = 3, 10
_log = logging.getLogger(__name__)


class StandIn:
    """Asks a model, and rules where it fails; after some failures in a row the model is left alone for a while.

    Args:
        deadline_s: that a model gets.

    Attributes:
        degraded: how often rules stood in, by role.
        notes: what went wrong since they were last taken.
    """

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s, self._side = deadline_s, SideBySide()
        self._failures = self._rest = 0
        self.degraded: Counter[str] = Counter()
        self.notes: list[str] = []

    def ask(self, models: Mapping[str, Callable[[], Any]], rules: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        """Return an answer for each of ``rules``: the model's if it comes in time, else that of the rules.

        Args:
            models: by role; those that no model plays are missing. They are asked side by side.
            rules: by role.
        """
        outcomes: dict[str, Outcome[Any]] = {}
        if models and self._rest:
            self._rest -= 1
            for role in models:
                self._note(role, "it is left alone for a while after failing in a row")
        elif models:
            outcomes = self._side.run(models, dict.fromkeys(models, self._deadline_s))
        answers = {}
        for role, by_rules in rules.items():
            outcome = outcomes.get(role)
            if outcome is not None and outcome.in_time:
                self._failures = 0
                answers[role] = outcome.value
                continue
            if outcome is not None:
                self._failed(role, outcome)
            answers[role] = by_rules()
        return answers

    @property
    def resting(self) -> bool:
        """Whether the model is left alone for now."""
        return self._rest > 0

    def take_notes(self) -> list[str]:
        """Return the notes, and forget them."""
        notes, self.notes = self.notes, []
        return notes

    def _failed(self, role: str, outcome: Outcome[Any]) -> None:
        late = "too many answers are outstanding" if outcome.refused else f"no answer within {self._deadline_s:g} s"
        self._note(role, late if outcome.error is None else " ".join(str(outcome.error).split())[:300])
        self._failures += 1
        if self._failures >= IN_A_ROW:
            self._failures, self._rest = 0, REST

    def _note(self, role: str, why: str) -> None:
        self.degraded[role] += 1
        self.notes.append(f"{role}: {why}; rules decided")
        _log.warning("%s: %s; rules decided", role, why)
