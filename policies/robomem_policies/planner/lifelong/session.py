"""The planner's memory over its episodes: when it begins, what it takes in, and what it does when it fails."""

from __future__ import annotations

import functools
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from robomem.errors import RobomemError
from robomem.lifelong.attempts import ActionTaken, Attempt
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.recollection import Receipt, Recollection
from robomem.lifelong.records import Entity, Fact, Namespace, Observation, Source, Trust
from robomem.lifelong.roles import Roles
from robomem.text import CachedEncoder, make_encoder

__all__ = ["Session", "Trial"]

DAY_S = 86_400.0
ROOM_BYTES = 1 << 30
USER = Source("user", Trust.USER)
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass
class Trial:
    """An episode as it is remembered.

    Attributes:
        task: the instruction.
        actions: that were taken, and what came of them; of the last one nobody told.
        outcome, why: how it ended, as far as the agent can tell.
    """

    task: str
    actions: list[ActionTaken] = field(default_factory=list)
    outcome: str = "failure"
    why: str = ""


class Session:
    """The memory of the worlds that an agent visits, each with a namespace of its own.

    The clock is that of the protocol: ``day * 86400`` seconds, plus a second a step; it never goes back. Where the
    database fails, the session goes on without, and says so in ``notes``.

    Args:
        path: of the database; ``""`` for one that is gone when the session is closed.
        encoder: of text, by name.
        without: memories that are left out.
        roles: language models that help.
        deadline_s: for each of them.

    Attributes:
        notes: what went wrong since they were last taken.
        failures: how often the memory failed.
    """

    def __init__(self, path: str, encoder: str, without: Collection[str], roles: Roles, deadline_s: float) -> None:
        self._folder = None if path else _temporary_folder()
        where = path if self._folder is None else str(Path(self._folder.name) / "memory.db")
        self._make: Callable[[Namespace], LifelongMemory] = lambda namespace: LifelongMemory(
            where,
            namespace=namespace,
            encoder=_encoder(encoder),
            roles=roles,
            deadlines_s=dict.fromkeys(("temporal", "spatial", "episodic", "semantic"), deadline_s),
            without=without,
            clock=self.now,
        )
        self._without = without
        self._memories: dict[str, LifelongMemory] = {}
        self._memory: LifelongMemory | None = None
        self._trial: Trial | None = None
        self._world, self._time = "", 0.0
        self.notes: list[str] = []
        self.failures = 0

    def now(self) -> float:
        """Return the time of the protocol, in seconds."""
        return self._time

    def begin(self, world: str, day: int) -> None:
        """Come to a world; what was attempted before is then over."""
        self.end()
        self._world = world
        if world not in self._memories:
            self._memories[world] = self._make(Namespace(map=_part(world)))
        self._memory = self._memories[world]
        nobody: tuple[Entity, ...] = ()
        for robot in self._try(lambda memory: memory.entities(kind="agent"), nobody):
            self._time = max(self._time, robot.last_seen)
        self._time = max(self._time + 1.0, day * DAY_S)

    def attempt(self, task: str) -> Trial:
        """Begin an attempt and return its record; it is remembered when the next one begins, or at the end."""
        self._trial = Trial(task)
        self._try(lambda memory: memory.begin_episode(), None)
        return self._trial

    def end(self) -> None:
        """Remember the attempt that is over."""
        trial, self._trial = self._trial, None
        if trial is None or not trial.actions:
            return
        outcome = "success" if trial.outcome == "success" else "failure"
        kept = Attempt(
            trial.task[:2_000],
            tuple(trial.actions[-500:]),
            outcome,  # type: ignore[arg-type]
            self._time,
            why=trial.why[:500],
            world=self._world,
            source=Source("planner", Trust.SENSOR),
        )
        self._heard(self._try(lambda memory: memory.attempt(kept), None))

    def close(self) -> None:
        """Remember what is over and close the databases."""
        self.end()
        for memory in self._memories.values():
            memory.close()
        self._memories.clear()
        self._memory = None
        if self._folder is not None:
            self._folder.cleanup()

    def take_notes(self) -> list[str]:
        """Return what went wrong since this was last asked."""
        notes, self.notes = self.notes, []
        return notes

    def tick(self) -> float:
        """Let a second pass and return the time."""
        self._time += 1.0
        return self._time

    def observe(self, observation: Observation, queries: Sequence[str]) -> None:
        """Take a step in."""
        self._heard(self._try(lambda memory: memory.observe(observation, queries), None))

    def recall(self, queries: Sequence[str]) -> Recollection:
        """Return what bears on the queries."""
        found = self._try(lambda memory: memory.recall(queries), Recollection())
        self.notes += [f"memory {name}: {why}" for name, why in found.missing.items()]
        self.failures += len(found.missing)
        return found

    def tell(self, preference: str) -> None:
        """Remember what the user likes, unless there is no memory for it."""
        if "semantic" in self._without:
            return
        self._try(lambda memory: memory.remember(preference, kind="preference", source=USER), 0)

    def places(self) -> tuple[tuple[Entity, ...], tuple[Fact, ...]]:
        """Return the furniture that is known, and what holds of everything in this world."""
        nothing: tuple[tuple[Entity, ...], tuple[Fact, ...]] = ((), ())
        return self._try(lambda memory: (memory.entities(kind="place"), memory.facts()), nothing)

    def history(self, name: str) -> tuple[Fact, ...]:
        """Return all that was ever held of things of a name, oldest first."""
        return self._try(lambda memory: memory.history(name), ())

    def _heard(self, receipt: Receipt | None) -> None:
        """Note which memories went without their language model."""
        self.notes += [f"memory {note}" for note in receipt.degraded] if receipt is not None else []

    def _try(self, ask: Callable[[LifelongMemory], T], otherwise: T) -> T:
        if self._memory is None:
            return otherwise
        try:
            return ask(self._memory)
        except RobomemError as error:
            self.failures += 1
            self.notes.append(f"memory: {error}")
            _log.warning("the planner goes on without its memory for now: %s", error)
            return otherwise


@functools.lru_cache(maxsize=4)
def _encoder(name: str) -> CachedEncoder:
    """Load an encoder once a process: an agent is made for every unit of work."""
    return make_encoder(name)


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder in main memory where there is such a place, so that no disk is waited for."""
    fast = Path("/dev/shm")
    usable = fast.is_dir() and os.access(fast, os.W_OK) and shutil.disk_usage(fast).free > ROOM_BYTES
    return tempfile.TemporaryDirectory(
        prefix="robomem-planner-", dir=fast if usable else None, ignore_cleanup_errors=True
    )


def _part(world: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in world).strip()[:200] or "world"
