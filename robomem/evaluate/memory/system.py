"""What a memory must be able to do to be measured. Add your own:

``memory_systems.add("mine", "my_package.my_module:MySystem")`` in a plugin (entry point ``robomem.plugins``), then
``robomem eval memory --system mine``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from robomem.evaluate.memory.questions import Question
from robomem.evaluate.memory.statement import Statement
from robomem.lifelong import Observation
from robomem.registry import Registry
from robomem.text import TextEncoder

__all__ = ["Beliefs", "MemorySystem", "Recalled", "Setting", "memory_systems"]


@dataclass(frozen=True)
class Setting:
    """What a system is given.

    Attributes:
        encoder: of texts, the same for all systems of a run.
        folder: an empty one, for its files.
        top: statements that a search may hand to the reader.
        budget: characters that a system without a search may hand to the reader.
    """

    encoder: TextEncoder
    folder: Path
    top: int = 40
    budget: int = 20_000


@dataclass(frozen=True)
class Recalled:
    """What the reader is given to answer a question.

    Attributes:
        statements: the best first; recall@k counts the first k.
        characters: of the text that a language model would be handed instead.
    """

    statements: tuple[Statement, ...] = ()
    characters: int = 0


@dataclass(frozen=True)
class Beliefs:
    """What a system holds at the end.

    Attributes:
        held: statements that it holds for true.
        ended: statements that it held and ended, with ``until``.
    """

    held: tuple[Statement, ...] = ()
    ended: tuple[Statement, ...] = ()


class MemorySystem(Protocol):
    """A memory under test. It is made anew for each world."""

    def observe(self, observation: Observation) -> Sequence[Hashable]:
        """Take a step in; return what thing each sighting is taken for, anything that tells its things apart."""
        ...

    def recall(self, question: Question) -> Recalled:
        """Return what is known that bears on a question, which comes without its kind, truth and traces of it."""
        ...

    def beliefs(self) -> Beliefs | None:
        """Return all that it holds and held; None if it never ends anything."""
        ...

    def close(self) -> int:
        """Close it and return how many bytes it keeps."""
        ...


memory_systems: Registry[Callable[[Setting], MemorySystem]] = Registry(
    "memory system", hint="A plugin adds one: memory_systems.add(NAME, 'package.module:attribute')."
)
memory_systems.add("lifelong", "robomem.evaluate.memory.lifelong:LifelongSystem")
memory_systems.add("flat", "robomem.evaluate.memory.flat:FlatSystem")
memory_systems.add("history", "robomem.evaluate.memory.history:HistorySystem")
