"""An instruction on its way to being done: understood once, then a few steps at a time."""

from __future__ import annotations

from collections.abc import Mapping

from robomem_policies.planner.rules.beliefs import Beliefs
from robomem_policies.planner.rules.choice import fitting_things
from robomem_policies.planner.rules.grammar import understand
from robomem_policies.planner.rules.request import Errand, Request
from robomem_policies.planner.rules.tactics import Step, Stuck, Tactics
from robomem_policies.planner.rules.tokens import Lexer

__all__ = ["Course"]


class Course:
    """Works an instruction off by what is believed.

    Args:
        instruction: in words.
        beliefs: of the episode; read, never changed.
        warnings: steps that failed on earlier visits, and how often.
    """

    def __init__(self, instruction: str, beliefs: Beliefs, warnings: Mapping[Step, int] | None = None) -> None:
        self._beliefs, self._warnings = beliefs, warnings
        self._take(understand(instruction, Lexer(beliefs.book)))

    def next(self) -> list[Step]:
        """Return the next steps, each of which is a skill; none when all is done.

        Raises:
            Stuck: the instruction is not understood, or what is wanted cannot be found or done.
        """
        if self._request.doubt and self._request.empty:
            raise Stuck(f"I do not understand the instruction. {self._request.doubt}")
        steps = self._decide() or self._tactics.next()
        for step in steps:
            if step not in self._beliefs.book.ids:
                raise Stuck(f"There is no skill to {' '.join(step)}.")
        return steps

    def failed(self, step: Step) -> None:
        """Remember that a step did not work."""
        self._tactics.failed(step)

    @property
    def found(self) -> bool:
        """Whether the last steps were to find something that has been seen since."""
        sought = self._tactics.sought
        if sought is None:
            return False
        return any(name not in self._beliefs.recalled for name in fitting_things(sought, self._beliefs))

    @property
    def kinds(self) -> frozenset[str] | None:
        """The kinds of things that the instruction is about; None where it may be any."""
        found: set[str] = set()
        for errand in self._errands(self._request):
            beside = errand.to.beside if errand.to else None
            for wanted in (errand.what, *([beside] if beside else [])):
                if wanted.kinds is None:
                    return None
                found |= wanted.kinds
            found |= {"knife"} if "sliced" in errand.states else set()
        return frozenset(found)

    def _errands(self, request: Request) -> list[Errand]:
        if request.condition is None:
            return request.errands
        what, then, otherwise = request.condition
        return [Errand(what), *self._errands(then), *self._errands(otherwise)]

    def _take(self, request: Request) -> None:
        self._request = request
        self._tactics = Tactics(request, self._beliefs, self._warnings)

    def _decide(self) -> list[Step]:
        """Find out whether a condition holds: return steps until it is known, then go by it."""
        while self._request.condition is not None:
            what, then, otherwise = self._request.condition
            held = self._tactics.holds(what)
            if not isinstance(held, bool):
                return held
            self._take(then if held else otherwise)
        return []
