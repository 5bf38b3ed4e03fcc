"""What the four memories have in common: how they take a step in, and how they answer.

A step is taken in in two halves. ``propose`` may be slow: it may ask a language model, and runs beside the other
memories' with a deadline. It changes nothing. ``apply`` runs inside the one write transaction of the step, is fast and
deterministic, and goes by what the database says then, as other writers may have come between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from robomem.lifelong.attempts import Attempt
from robomem.lifelong.records import Observation
from robomem.lifelong.store.transaction import Snapshot, Transaction

__all__ = ["Changes", "Module", "Queries", "StepTaken", "Vector"]

Vector = npt.NDArray[np.float32]
Proposal = TypeVar("Proposal")
Answer = TypeVar("Answer", covariant=True)


@dataclass(frozen=True)
class Queries:
    """What is asked.

    Attributes:
        texts: Q questions or descriptions.
        vectors: unit vectors [Q, D] of them.
    """

    texts: tuple[str, ...]
    vectors: Vector


@dataclass(frozen=True)
class StepTaken:
    """An observation on its way into the memory.

    Attributes:
        observation: as it came.
        vectors: unit vector of each text in it that memories asked for by ``texts``.
        queries: what the robot asks at this step, which says what of the graph matters now; may be empty.
        attempt: that ended with it, if one did: episodic and semantic memory learn from attempts alone.
    """

    observation: Observation
    vectors: Mapping[str, Vector]
    queries: Queries
    attempt: Attempt | None = None


@dataclass(frozen=True)
class Changes:
    """What a memory did with a step.

    Attributes:
        added, ended: ids of facts (spatial) or items.
        touched_nodes, touched_edges: how many rows of the graph were looked at.
        notes: what was out of the ordinary, in words: a dispute, a rejected proposal.
        seen: entity that each sighting was taken for, in the observation's order (spatial).
    """

    added: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    touched_nodes: int = 0
    touched_edges: int = 0
    notes: tuple[str, ...] = field(default=())
    seen: tuple[int, ...] = ()


class Module(Protocol, Generic[Proposal, Answer]):
    """One of the four memories.

    Attributes:
        name: ``"temporal"``, ``"spatial"``, ``"episodic"``, ``"semantic"``.
        fallback_when_late: take a step in by rules at once when the language model is late, and its answer in addition
            when it comes; else the step waits for the answer.
    """

    name: str
    fallback_when_late: bool

    def texts(self, observation: Observation) -> Sequence[str]:
        """Return the texts of an observation whose vectors it needs; all memories' are computed in one batch."""
        ...

    def propose(self, view: Snapshot, step: StepTaken) -> Proposal:
        """Return what is to be changed, however long that takes; may raise what its language model raises."""
        ...

    def fallback(self, view: Snapshot, step: StepTaken) -> Proposal:
        """Return the proposal that needs no language model, for when ``propose`` failed."""
        ...

    def apply(self, change: Transaction, observation: int, step: StepTaken, proposal: Proposal) -> Changes:
        """Make the changes, as far as they still fit.

        Args:
            change: the step's write transaction.
            observation: id of its row.
            step: what is taken in.
            proposal: of ``propose`` or ``fallback``.
        """
        ...

    def recall(self, view: Snapshot, queries: Queries) -> Answer:
        """Return what is known at the view's time and bears on the queries."""
        ...
