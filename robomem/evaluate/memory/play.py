"""One memory lives through one world and is asked about it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path

from robomem.errors import ConfigError
from robomem.evaluate.memory.contradictions import Endings, compare_endings, owners
from robomem.evaluate.memory.identity import Pairs, count_pairs
from robomem.evaluate.memory.questions import Answer, Question
from robomem.evaluate.memory.reader import read
from robomem.evaluate.memory.statement import Statement
from robomem.evaluate.memory.system import MemorySystem, Setting
from robomem.evaluate.memory.world import World
from robomem.lifelong.store.names import normal
from robomem.text import TextEncoder

__all__ = ["Asked", "Played", "play"]


@dataclass(frozen=True)
class Asked:
    """A question, and what came of it.

    Attributes:
        question: with its truth.
        answer: of the reader.
        ranks: of each needed fact among the statements, from 0; None where it is not among them.
        characters: handed to the reader.
        seconds: that the memory took to recall.
    """

    question: Question
    answer: Answer
    ranks: tuple[int | None, ...]
    characters: int
    seconds: float

    @property
    def right(self) -> bool:
        """Whether the answer is the truth; a time may be off by a second."""
        given, true = self.answer, self.question.truth
        if (given.time is None) != (true.time is None):
            return False
        on_time = true.time is None or given.time is None or abs(given.time - true.time) <= 1
        return given.places == true.places and given.value == true.value and on_time

    @property
    def stale(self) -> bool:
        """Whether the answer names what was so, or said to be so, and is not."""
        return bool((self.answer.places | {self.answer.value}) & self.question.stale)


@dataclass(frozen=True)
class Played:
    """What a memory made of a world.

    Attributes:
        asked: every question.
        endings: of beliefs.
        pairs: of sightings.
        steps: observations.
        write_s: seconds of each observation.
        bytes: that were kept in the end.
    """

    asked: tuple[Asked, ...]
    endings: Endings
    pairs: Pairs
    steps: int
    write_s: tuple[float, ...]
    bytes: int


def play(
    world: World,
    questions: list[Question],
    make: Callable[[Setting], MemorySystem],
    encoder: TextEncoder,
    *,
    top: int = 40,
    budget: int = 20_000,
) -> Played:
    """Return what a system makes of a world.

    Raises:
        ConfigError: it did not say what each sighting is taken for.
    """
    with tempfile.TemporaryDirectory(prefix="robomem-memory-") as folder:
        system = make(Setting(encoder, Path(folder), top, budget))
        taken_for: list[Hashable] = []
        of: list[str] = []
        write_s = []
        for one in world.emitted:
            begin = time.perf_counter()
            taken = system.observe(one.observation)
            write_s.append(time.perf_counter() - begin)
            if len(taken) != len(one.observation.sightings):
                raise ConfigError(
                    f"{type(system).__name__}.observe returned {len(taken)} entities for "
                    f"{len(one.observation.sightings)} sightings; it returns one for each, in their order."
                )
            taken_for += taken
            of += one.of or [""] * len(taken)
        asked = tuple(_ask(system, question) for question in questions)
        beliefs = system.beliefs()
        endings = compare_endings(world, beliefs, owners(taken_for, of))
        kept = system.close()
    return Played(asked, endings, count_pairs(taken_for, of), len(write_s), tuple(write_s), kept)


def _ask(system: MemorySystem, question: Question) -> Asked:
    asked = question.asked()
    begin = time.perf_counter()
    found = system.recall(asked)
    seconds = time.perf_counter() - begin
    ranks = tuple(_rank(needed, found.statements) for needed in question.needed)
    return Asked(question, read(question, found.statements), ranks, found.characters, seconds)


def _rank(needed: tuple[tuple[str, ...], str], statements: tuple[Statement, ...]) -> int | None:
    names = set(map(normal, needed[0]))
    return next(
        (
            rank
            for rank, one in enumerate(statements)
            if normal(one.target) == normal(needed[1]) and names & set(map(normal, one.names))
        ),
        None,
    )
