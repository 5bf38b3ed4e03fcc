"""A store in memory with a clock that stands still, and steps that end in attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import numpy as np

from robomem.lifelong.attempts import ActionTaken, Attempt
from robomem.lifelong.module import Changes, Queries, StepTaken
from robomem.lifelong.records import Namespace, Observation, Source, Trust
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.observations import add_observation
from robomem.lifelong.store.transaction import NOW, Store, Transaction, When
from robomem.lifelong.store.vectors import VectorIndex
from robomem.text import CachedEncoder, make_encoder

ENCODER = make_encoder("hash")
_DATABASE = Database(":memory:")
_NUMBER = count()
NOTHING = Queries((), np.zeros((0, ENCODER.dimensions), np.float32))


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@dataclass
class World:
    """One namespace and what searches it."""

    where: str = ":memory:"
    clock: Clock = field(default_factory=Clock)
    encoder: CachedEncoder = ENCODER

    def __post_init__(self) -> None:
        # one database in memory for all: making its tables takes longer than most tests
        here = self.where == ":memory:"
        self.store = Store(
            _DATABASE if here else Database(self.where),
            Namespace(robot=f"small {next(_NUMBER)}") if here else Namespace(),
            self.clock,
        )
        self.index = VectorIndex("item", self.encoder.dimensions)

    def take(self, memory, step: StepTaken, *, rules: bool = False) -> Changes:
        """Take a step in as the facade does: proposed outside, applied inside a transaction."""
        with self.store.reading() as view:
            proposal = memory.fallback(view, step) if rules else memory.propose(view, step)
        with self.store.writing() as change:
            return memory.apply(change, observe(change, step), step, proposal)

    def recall(self, memory, *texts: str, when: When = NOW, **options):
        with self.store.reading(when) as view:
            return memory.recall(view, asked(*texts), **options)


def observe(change: Transaction, step: StepTaken) -> int:
    return add_observation(change, step.observation)


def asked(*texts: str) -> Queries:
    return Queries(texts, ENCODER.encode(texts)) if texts else NOTHING


def seen(summary: str = "", time: float = 1.0, *, action: str = "", success=None, trust=Trust.SENSOR) -> StepTaken:
    observation = Observation(time, summary, action=action, success=success, source=Source(trust=trust))
    return StepTaken(observation, {}, NOTHING)


def ended(attempt: Attempt) -> StepTaken:
    observation = Observation(attempt.time, attempt.headline[:2000], source=attempt.source)
    return StepTaken(observation, {}, NOTHING, attempt)


def attempt(task: str = "fetch the mug", *actions: str, outcome="success", time: float = 1.0, **more) -> Attempt:
    """An attempt whose actions are written "open drawer", "!open drawer: it is stuck" where they failed."""
    taken = []
    for action in actions or ("go to the table", "pick up the mug"):
        name, _, feedback = action.removeprefix("!").partition(": ")
        taken.append(ActionTaken(name, not action.startswith("!"), feedback))
    return Attempt(task, tuple(taken), outcome, time, **more)
