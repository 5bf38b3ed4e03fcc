"""The planner's own roles: what each is asked and answers. ``robomem.lifelong.roles`` has those of the memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from robomem.embodied import Action, Executed, Situation
from robomem.lifelong.recollection import Recollection

__all__ = ["Critic", "Outlook", "Planner", "Proposal", "QueryGenerator", "Summariser", "Verdict"]


@dataclass(frozen=True)
class Outlook:
    """What the roles go by at a step.

    Attributes:
        situation: as the suite tells it.
        task: the instruction, with the place in words where it left it to what was told before.
        scene: what is seen now.
        recollection: what the memory says to the queries of this step.
        notices: why the last plan was broken off, and what was understood.
    """

    situation: Situation
    task: str
    scene: Mapping[str, Any]
    recollection: Recollection = field(default_factory=Recollection)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A plan; without actions the planner gives up.

    Attributes:
        actions: to be taken in order.
        why: in words.
    """

    actions: tuple[Action, ...]
    why: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether an action suits what is seen and known now, and why not."""

    suitable: bool
    why: str = ""


class Summariser(Protocol):
    """S in the paper: says what was just done and what came of it."""

    def summarise(self, done: Executed | None, scene: Mapping[str, Any]) -> str:
        """Return one sentence on the last action (None at the start) and its visible result."""
        ...


class QueryGenerator(Protocol):
    """Q in the paper: asks the memory."""

    def queries(self, task: str, done: Executed | None, scene: Mapping[str, Any]) -> Sequence[str]:
        """Return four or five different queries."""
        ...


class Planner(Protocol):
    """Makes a plan of a few actions."""

    def plan(self, outlook: Outlook) -> Proposal:
        """Return what to do next."""
        ...


class Critic(Protocol):
    """Looks at each action of a plan after the first, just before it is taken."""

    def judge(self, action: Action, outlook: Outlook) -> Verdict:
        """Return whether to take it."""
        ...
