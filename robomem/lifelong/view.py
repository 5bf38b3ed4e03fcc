"""Reading a memory, at present or at any time of the past."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from robomem.errors import DataError, UnknownNameError
from robomem.lifelong.deadlines import SideBySide
from robomem.lifelong.module import Module, Queries
from robomem.lifelong.modules import MODULES, Memories
from robomem.lifelong.recollection import Recollection
from robomem.lifelong.records import Entity, Fact, Observation, finite_time
from robomem.lifelong.spatial import LastSeen, Surroundings, history, last_seen, near
from robomem.lifelong.store.ledger import facts_by_id, facts_of, read_facts, rivals_of, sources_of
from robomem.lifelong.store.nodes import find_nodes, nodes_of_name
from robomem.lifelong.store.observations import read_observations
from robomem.lifelong.store.schema import Node
from robomem.lifelong.store.transaction import Snapshot, Store, When
from robomem.text import TextEncoder

__all__ = ["Citation", "Explanation", "LifelongView"]

PATIENCE_S = 2.0


@dataclass(frozen=True)
class Citation:
    """An observation that a fact rests on.

    Attributes:
        observation: id and the observation itself, or None where a person or program wrote the fact directly.
        writer, model, prompt_hash: who made the fact of it.
        time: at which it was so.
        recorded_at: when that was written down.
        confidence: within 0 and 1.
    """

    observation_id: int | None
    observation: Observation | None
    writer: str
    model: str
    prompt_hash: str
    time: float
    recorded_at: float
    confidence: float


@dataclass(frozen=True)
class Explanation:
    """Why a fact is believed, or is no more.

    Attributes:
        fact: in question.
        citations: what it rests on, oldest first.
        ended_by: the observation that ended it, if one did.
        rivals: facts of the same subject and functional group: what was before and after, what disputes it.
    """

    fact: Fact
    citations: tuple[Citation, ...]
    ended_by: Observation | None
    rivals: tuple[Fact, ...]

    def as_text(self) -> str:
        """Return it in words, a line each."""
        fact = self.fact
        state = "holds" if fact.valid_to is None else f"held until {fact.valid_to:.1f} ({fact.reason})"
        lines = [f"{fact} [{fact.id}] {state}, since {fact.valid_from:.1f}"]
        for one in self.citations:
            seen = one.observation
            words = f": {seen.summary}" if seen and seen.summary else ""
            picture = f" [{seen.media}]" if seen and seen.media else ""
            by = f"{one.writer}{f' with {one.model}' if one.model else ''}"
            lines.append(f"  said at {one.time:.1f} by {by}, confidence {one.confidence:.2f}{words}{picture}")
        lines += [
            f"  beside it: {rival} [{rival.id}] from {rival.valid_from:.1f} to {rival.valid_to}"
            for rival in self.rivals
        ]
        return "\n".join(lines)


class LifelongView:
    """What a memory knew.

    Made by ``LifelongMemory.as_of``; a ``LifelongMemory`` is one of the present.
    """

    def __init__(self, store: Store, memories: Memories, side: SideBySide, when: When) -> None:
        self._store, self._memories, self._side, self._when = store, memories, side, when

    @property
    def encoder(self) -> TextEncoder:
        """Of its texts, with a cache."""
        return self._memories.encoder

    def as_of(self, valid: float | None = None, known: float | None = None) -> LifelongView:
        """Return the view of another time.

        Args:
            valid: what was so then; if None, at ``known``.
            known: as it was known then; if None, as it is known now.
        """
        for time in (valid, known):
            if time is not None:
                finite_time(time)
        return LifelongView(self._store, self._memories, self._side, When(valid, known))

    def recall(
        self, queries: Sequence[str] = (), *, deadline_s: float = PATIENCE_S, only: Collection[str] = MODULES
    ) -> Recollection:
        """Return what the memories know that bears on the queries.

        Args:
            queries: questions or descriptions, in words; all are looked up in one go.
            deadline_s: after which the answer comes without the memories that are late.
            only: memories that are asked.
        """
        for name in set(only) - set(MODULES):
            raise UnknownNameError("memory", name, MODULES)
        asked, notes = self._memories.queries(queries)
        calls = {name: partial(_ask, module, asked) for name, module in self._memories.modules.items() if name in only}
        outcomes = self._side.run_in_turn(partial(self._store.reading, self._when), calls, deadline_s)
        missing = {"vectors": "; ".join(notes)} if notes else {}
        found: dict[str, Any] = {}
        for name, outcome in outcomes.items():
            if outcome.in_time and isinstance(outcome.value, Surroundings):
                found |= {"spatial": outcome.value.facts, "entities": outcome.value.entities}
            elif outcome.in_time:
                found[name] = outcome.value
            elif outcome.error is not None:
                missing[name] = f"{type(outcome.error).__name__}: {outcome.error}"
            else:
                missing[name] = f"no answer within {deadline_s:g} s"
        return Recollection(**found, missing=missing)

    def entities(self, name: str = "", *, kind: str = "") -> tuple[Entity, ...]:
        """Return what is known of, all or by name or kind."""
        with self._store.reading(self._when) as view:
            found = nodes_of_name(view, [name]) if name else find_nodes(view, Node.name != "")  # erased ones have none
            return tuple(one for one in found if kind in ("", one.kind))

    def facts(self, entity: int | None = None) -> tuple[Fact, ...]:
        """Return the facts that hold, all or those of one entity."""
        with self._store.reading(self._when) as view:
            return tuple(read_facts(view, view.when.facts()) if entity is None else facts_of(view, [entity]))

    def history(self, name: str) -> tuple[Fact, ...]:
        """Return all that was ever held of the entities of a name, oldest first."""
        with self._store.reading(self._when) as view:
            found = {fact.id: fact for one in nodes_of_name(view, [name]) for fact in history(view, one.id)}
        return tuple(sorted(found.values(), key=lambda fact: (fact.valid_from, fact.id)))

    def near(self, x: float, y: float, z: float, radius: float, *, frame: str = "map") -> tuple[Entity, ...]:
        """Return what was last seen within ``radius`` metres of a position, the nearest first."""
        with self._store.reading(self._when) as view:
            return tuple(near(view, x, y, z, radius, frame))

    def last_seen(self, name: str) -> tuple[LastSeen, ...]:
        """Return when and where things of a name were last seen, the latest first; none if never."""
        with self._store.reading(self._when) as view:
            return tuple(last_seen(view, name))

    def why(self, fact: int) -> Explanation:
        """Return what a fact rests on.

        Raises:
            DataError: there is no such fact.
        """
        with self._store.reading(self._when) as view:
            found = facts_by_id(view, [fact]).get(fact)
            if found is None:
                raise DataError(f"There is no fact {fact} in {self._store.namespace}.")
            rows = sources_of(view, fact)
            ids = {row["observation_id"] for row in rows} | {found.retired_by}
            seen = read_observations(view, [id for id in ids if id is not None])
            rivals = rivals_of(view, fact)
        citations = tuple(
            Citation(
                row["observation_id"],
                seen.get(row["observation_id"]),
                row["writer"],
                row["model"],
                row["prompt_hash"],
                row["time"],
                row["recorded_at"],
                row["confidence"],
            )
            for row in rows
        )
        return Explanation(found, citations, seen.get(found.retired_by or -1), tuple(rivals))


def _ask(module: Module[Any, Any], queries: Queries, view: Snapshot) -> Any:
    return module.recall(view, queries)
