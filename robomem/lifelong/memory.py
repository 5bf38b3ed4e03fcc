"""``LifelongMemory``: the four memories of one robot behind one door."""

from __future__ import annotations

import logging
import math
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from types import TracebackType
from typing import Any, Literal

from robomem.errors import ConfigError, DataError, RobomemError, UnknownNameError
from robomem.lifelong.attempts import Attempt
from robomem.lifelong.deadlines import Outcome, SideBySide
from robomem.lifelong.erasure import Erased, Selector, erase
from robomem.lifelong.experience import Candidate
from robomem.lifelong.forgetting import Policy, expire
from robomem.lifelong.module import Changes, StepTaken
from robomem.lifelong.modules import MODULES, Memories
from robomem.lifelong.portable import Loaded, load_records, read_graphml, read_jsonl
from robomem.lifelong.recollection import Receipt, Recollection
from robomem.lifelong.records import LONGEST_TEXT, Namespace, Observation, Source, Trust
from robomem.lifelong.roles import Draft, Roles
from robomem.lifelong.semantic import SemanticMemory
from robomem.lifelong.settling import Lessons, settle
from robomem.lifelong.spatial import SURE_LOOK, merge, split
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.items import touch_items
from robomem.lifelong.store.meta import claim_encoder
from robomem.lifelong.store.observations import (
    add_job,
    add_observation,
    end_job,
    open_jobs,
    read_attempts,
    read_observations,
)
from robomem.lifelong.store.relations import RelationKind, define_relation
from robomem.lifelong.store.transaction import NOW, Store
from robomem.lifelong.temporal import TemporalMemory
from robomem.lifelong.upkeep import fill_vectors
from robomem.lifelong.view import PATIENCE_S as PATIENCE_RECALL_S
from robomem.lifelong.view import LifelongView
from robomem.text import CachedEncoder, TextEncoder

__all__ = ["LifelongMemory"]

_log = logging.getLogger(__name__)
PATIENCE_S = 5.0
USES_S = 60.0
"""Seconds between two times that uses of items are written down: a row holds its vector and is costly to rewrite."""


class LifelongMemory(LifelongView):
    """What a robot knows of places, things and tasks, kept in one file or on a server.

    It may be used from several threads, and by several processes at once: writers of a namespace take turns, readers
    wait for nobody. What ``observe`` acknowledged is on the disk.

    Args:
        where: path of a file, ``":memory:"``, or ``postgresql://user@host/name``.
        namespace: whose memory it is; or as text, ``"tenant/map/robot"``.
        encoder: of text, by name or itself; a database keeps the one that it began with.
        roles: language models that help; rules do what none does.
        deadlines_s: seconds that each memory's language model gets, by name of the memory (5 s where not said).
        without: memories to leave out, for studies.
        sure_look: confidence from which on one look that does not find a thing where it was ends that it is there; with
            less it takes two looks. 0 lets every look suffice.
        clock: seconds since 1970.
        read_only: change nothing; also while a robot writes.

    Raises:
        StorageError, DataError: the database cannot be used, and why.
        ConfigError: its vectors are of another encoder.
    """

    def __init__(
        self,
        where: str | os.PathLike[str],
        *,
        namespace: Namespace | str = Namespace(),  # noqa: B008 (frozen)
        encoder: str | TextEncoder = "minilm",
        roles: Roles = Roles(),  # noqa: B008 (frozen)
        deadlines_s: Mapping[str, float] | None = None,
        without: Collection[str] = (),
        sure_look: float = SURE_LOOK,
        clock: Callable[[], float] = time.time,
        read_only: bool = False,
    ) -> None:
        for name in {*without, *(deadlines_s or {})} - set(MODULES):
            raise UnknownNameError("memory", name, MODULES)
        self.database = Database(where, read_only=read_only)
        try:
            store = Store(self.database, Namespace.parse(namespace) if isinstance(namespace, str) else namespace, clock)
            super().__init__(store, Memories(encoder, roles, without, sure_look), SideBySide(), NOW)
            self._clock, self._roles, self._without, self._sure_look = clock, roles, without, sure_look
            self._used: set[int] = set()
            self._uses_written = -math.inf
            if not read_only:
                with store.writing() as change:
                    claim_encoder(change, self._memories.encoder.name, self._memories.encoder.dimensions)
        except BaseException:
            self.database.close()
            raise
        self._deadlines = {name: PATIENCE_S for name in MODULES} | dict(deadlines_s or {})
        if not read_only:
            self._resume()

    @property
    def encoder(self) -> CachedEncoder:
        """The encoder of text, which remembers the vectors of recent ones."""
        return self._memories.encoder

    @property
    def namespace(self) -> Namespace:
        """Whose memory it is."""
        return self._store.namespace

    def recall(
        self, queries: Sequence[str] = (), *, deadline_s: float = PATIENCE_RECALL_S, only: Collection[str] = MODULES
    ) -> Recollection:
        """Return what the memories know that bears on the queries, as ``LifelongView.recall`` does.

        That items were of use is written down with an observation, within a minute or when the memory is closed:
        recalling waits for no disk. An item that was recalled several times meanwhile was used once.
        """
        found = super().recall(queries, deadline_s=deadline_s, only=only)
        if not self.database.read_only:
            self._used |= {item.id for item in (*found.episodic, *found.semantic)}
        return found

    def observe(self, observation: Observation, queries: Sequence[str] = ()) -> Receipt:
        """Take a step in: all four memories, in one transaction.

        Args:
            observation: what was done and seen.
            queries: what the robot asks now; they say which part of the graph is looked at for contradictions.

        Raises:
            StorageError: it could not be written; nothing was changed.
        """
        return self._take_in(observation, queries, None)

    def _take_in(self, observation: Observation, queries: Sequence[str], attempt: Attempt | None) -> Receipt:
        step, notes = self._memories.step(observation, queries, attempt)
        outcomes = self._ask_models(step)
        if attempt is not None:  # what it teaches is encoded: not while other writers wait
            fast = [name for name in self._memories.modules if name not in outcomes]
            outcomes = outcomes | {name: Outcome(value=self._propose(name, step)) for name in fast}
        changes: dict[str, Changes] = {}
        jobs: dict[str, int] = {}
        degraded: list[str] = []
        due = abs(self._clock() - self._uses_written) >= USES_S  # also where the clock was set back
        used = set(self._used) if due else set()
        with self._store.writing() as change:
            touch_items(change, used)
            id = add_observation(change, observation, queries, attempt)
            for name, module in self._memories.modules.items():
                outcome = outcomes.get(name)
                if outcome is None:
                    changes[name] = module.apply(change, id, step, module.propose(change, step))
                elif outcome.in_time:
                    changes[name] = module.apply(change, id, step, outcome.value)
                else:
                    degraded.append(f"{name}: {_reason(outcome, self._deadlines[name])}")
                    if outcome.late is not None:
                        jobs[name] = add_job(change, name, id)
                    if outcome.late is None or module.fallback_when_late:
                        changes[name] = module.apply(change, id, step, module.fallback(change, step))
        self._forget_uses(used)
        for name, job in jobs.items():
            late = outcomes[name].late
            assert late is not None
            late.add_done_callback(partial(self._finish, name, job, id, step))
        notes += [*degraded, *(note for change_ in changes.values() for note in change_.notes)]
        return Receipt(id, changes, tuple(jobs), tuple(notes), tuple(degraded))

    def attempt(self, attempt: Attempt) -> Receipt:
        """Take in how a task ended: it becomes an episode, and experience is drawn from it.

        Raises:
            StorageError: it could not be written; nothing was changed.
        """
        told = Observation(attempt.time, action=f"end of: {attempt.task}"[:LONGEST_TEXT], source=attempt.source)
        return self._take_in(told, (), attempt)

    def remember(
        self,
        text: str,
        *,
        kind: Literal["action", "task", "preference"] = "preference",
        source: Source | None = None,
        time: float | None = None,
    ) -> int:
        """Keep something said: a preference, or experience with actions or tasks; return the id of its item.

        What is known already is not kept twice, and what contradicts it takes its place, if its source may. A language
        model that decides this gets its deadline, as in ``observe``; then rules decide.

        Args:
            text: in words.
            kind: what it is about.
            source: who says so; the robot's user if None.
            time: when it was said; now if None.

        Raises:
            DataError: there is no text.
        """
        semantic = self._semantic()
        candidate = Candidate(Draft(kind, text), source or Source("user", Trust.USER), time or self._clock())

        def consider(ask: bool) -> Lessons:
            with self._store.reading() as view:
                return semantic.consider(view, [candidate], ask=ask)

        lessons = None
        if "semantic" in self._memories.slow:
            lessons = self._side.run({"semantic": partial(consider, True)}, self._deadlines)["semantic"].value
        if lessons is None:
            lessons = consider(False)
        with self._store.writing() as change:
            _, ids = settle(change, lessons)
        if ids[0] is None:
            raise DataError(f"{text[:80]!r} contradicts what was said by a source of more trust, and was not kept.")
        return ids[0]

    def begin_episode(self) -> None:
        """Empty the temporal memory: what was done before belongs to another task. Nothing is lost."""
        temporal = self._memories.modules.get("temporal")
        if isinstance(temporal, TemporalMemory):
            with self._store.writing() as change:
                temporal.begin_episode(change)

    def forget(self, selector: Selector, *, reason: str, who: str = "user") -> Erased:
        """Erase for good: no search, view of the past or export finds it again; the audit says that it was done.

        Raises:
            DataError: there is no such item, entity or observation.
        """
        with self._store.writing() as change:
            return erase(change, selector, who, reason)

    def expire(self, policy: Policy | None = None) -> tuple[int, ...]:
        """Retire long-term items that were not used for long, and return their ids; they stay in the past."""
        used = set(self._used)
        with self._store.writing() as change:
            touch_items(change, used)
            retired = expire(change, policy or Policy())
        self._forget_uses(used)
        return retired

    def merge(self, kept: int, merged: int, *, reason: str, who: str = "user") -> tuple[str, ...]:
        """Say that two entities are one; return notes. ``split`` undoes it.

        Raises:
            DataError: there is no such entity, or it is merged already.
        """
        with self._store.writing() as change:
            return merge(change, kept, merged, who, reason)

    def split(self, merged: int, *, reason: str, who: str = "user") -> tuple[str, ...]:
        """Undo a merge: the entity is one of its own again; return notes."""
        with self._store.writing() as change:
            return split(change, merged, who, reason)

    def define_relation(self, kind: RelationKind) -> None:
        """Say of a relation whether a thing has one at a time, and what it is the other way round."""
        with self._store.writing() as change:
            define_relation(change, kind)

    def reindex(self, *, encoder: str | TextEncoder | None = None) -> int:
        """Compute vectors anew: those that are missing, or all of them with another encoder; return how many."""
        if encoder is None:
            return fill_vectors(self._store, self._memories.encoder)
        self._memories = Memories(encoder, self._roles, self._without, self._sure_look)
        try:
            return fill_vectors(self._store, self._memories.encoder, replace=True)
        finally:  # indexes that were asked meanwhile may hold vectors of both encoders
            self._memories = Memories(self._memories.encoder, self._roles, self._without, self._sure_look)

    def load(self, file: str | os.PathLike[str], *, who: str = "user") -> Loaded:
        """Add what ``dump`` wrote: JSON lines, or GraphML where the name ends so. Twice is as good as once.

        Raises:
            DataError: a record is malformed; nothing was changed.
        """
        read = read_graphml if str(file).endswith(".graphml") else read_jsonl
        encoder = (self._memories.encoder.name, self._memories.encoder.dimensions)
        with self._store.writing() as change:
            return load_records(change, read(file), encoder=encoder, who=who)

    def close(self) -> None:
        """Close the database; what late language models still answer is taken in when it is opened again."""
        used = set(self._used)
        try:
            if used:
                with self._store.writing() as change:
                    touch_items(change, used)
        except RobomemError as error:  # what an item was worth is not worth more than closing
            _log.warning("that %d items were of use could not be written down: %s", len(used), error)
        self._forget_uses(used)
        self.database.close()

    def __enter__(self) -> LifelongMemory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _forget_uses(self, written: set[int]) -> None:
        """Note that uses are in the database."""
        if written:
            self._used -= written
            self._uses_written = self._clock()

    def _ask_models(self, step: StepTaken) -> dict[str, Outcome[Any]]:
        calls: dict[str, Callable[[], Any]] = {}
        for name in self._memories.slow:
            calls[name] = partial(self._propose, name, step)
        return self._side.run(calls, self._deadlines) if calls else {}

    def _propose(self, name: str, step: StepTaken) -> Any:
        with self._store.reading() as view:
            return self._memories.modules[name].propose(view, step)

    def _semantic(self) -> SemanticMemory:
        semantic = self._memories.modules.get("semantic")
        if not isinstance(semantic, SemanticMemory):
            raise ConfigError("This memory was opened without its semantic part, which keeps what is said.")
        return semantic

    def _finish(self, name: str, job: int, observation: int, step: StepTaken, late: Future[Any]) -> None:
        """Take in what a language model answered after the deadline."""
        module = self._memories.modules[name]
        try:
            error = late.exception()
            with self._store.writing() as change:
                if not end_job(change, job, error="" if error is None else f"{type(error).__name__}: {error}"):
                    return
                if error is None:
                    module.apply(change, observation, step, late.result())
                elif not module.fallback_when_late:
                    module.apply(change, observation, step, module.fallback(change, step))
        except RobomemError as error:  # it stays open, and is done when the memory is opened again
            _log.warning("the late answer to %s of observation %d is kept for later: %s", name, observation, error)

    def _resume(self) -> None:
        """Do what was still to be done when the memory was last closed, or killed."""
        with self._store.reading() as view:
            jobs = [job for job in open_jobs(view) if job[1] in self._memories.modules]
            ids = [observation for _, _, observation in jobs]
            observations, attempts = read_observations(view, ids), read_attempts(view, ids)
        for job, name, id in jobs:
            step, _ = self._memories.step(observations[id], (), attempts.get(id))
            module = self._memories.modules[name]
            if name in self._memories.slow:
                future: Future[Any] | None = self._side.start(name, partial(self._propose, name, step))
                if future is not None:
                    future.add_done_callback(partial(self._finish, name, job, id, step))
            else:
                with self._store.writing() as change:
                    if end_job(change, job) and not module.fallback_when_late:
                        module.apply(change, id, step, module.fallback(change, step))


def _reason(outcome: Outcome[Any], deadline_s: float) -> str:
    if outcome.late is not None:
        return f"no answer within {deadline_s:g} s; it is taken in when it comes"
    if outcome.refused:
        return "too many answers are outstanding; rules decided"
    return f"{type(outcome.error).__name__}: {outcome.error}; rules decided"
