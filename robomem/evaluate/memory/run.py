"""The benchmark: several memories through the same worlds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from robomem.errors import ConfigError
from robomem.evaluate.memory.difficulty import Difficulty
from robomem.evaluate.memory.generator import make_world
from robomem.evaluate.memory.play import Played, play
from robomem.evaluate.memory.questions import make_questions
from robomem.evaluate.memory.score import Score, score
from robomem.evaluate.memory.system import memory_systems
from robomem.seeding import derive_seed
from robomem.text import CachedEncoder, encoders

__all__ = ["Benchmark", "run_benchmark"]


@dataclass(frozen=True)
class Benchmark:
    """What came of it.

    Attributes:
        settings: everything that the numbers depend on.
        scores: by name of the system.
    """

    settings: dict[str, Any]
    scores: dict[str, Score]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; all but ``costs`` is the same for equal settings."""
        return {
            "settings": self.settings,
            "scores": {name: one.to_json() for name, one in self.scores.items()},
            "costs": {name: asdict(one.cost) for name, one in self.scores.items()},
        }


def run_benchmark(
    systems: Sequence[str],
    difficulty: Difficulty,
    *,
    worlds: int = 20,
    seed: int = 0,
    encoder: str = "minilm",
    top: int = 40,
    budget: int = 20_000,
    progress: Callable[[int, int], None] | None = None,
) -> Benchmark:
    """Measure memories.

    Args:
        systems: names in ``memory_systems``.
        difficulty: of the worlds.
        worlds: how many.
        seed: from which the worlds' seeds are derived; ten worlds begin with the same five.
        encoder: of texts, one for all systems.
        top: statements that a search may hand to the reader.
        budget: characters that a system without a search may hand to the reader.
        progress: called with (done, total) after each world and system.

    Raises:
        UnknownNameError: there is no such system or encoder.
        ConfigError: there is nothing to measure.
    """
    if worlds < 1 or not systems or top < 1 or budget < 1:
        raise ConfigError(
            f"{worlds} worlds, {len(systems)} systems, top {top} and a budget of {budget} characters measure nothing; "
            "each is at least one."
        )
    makers = {name: memory_systems[name] for name in systems}
    kind, _, model = encoder.partition(":")
    texts = encoders[kind](model)
    played: dict[str, list[Played]] = {name: [] for name in makers}
    asked, steps = 0, 0
    for number in range(worlds):
        world = make_world(derive_seed(seed, "memory benchmark", number), difficulty)
        questions = make_questions(world)
        asked, steps = asked + len(questions), steps + len(world.emitted)
        for name, make in makers.items():  # each with an empty cache of vectors, or the last one would be the fastest
            played[name].append(play(world, questions, make, CachedEncoder(texts), top=top, budget=budget))
            if progress is not None:
                progress(sum(map(len, played.values())), worlds * len(makers))
    settings = {
        "worlds": worlds,
        "seed": seed,
        "encoder": texts.name,
        "top": top,
        "budget": budget,
        "questions": asked,
        "observations": steps,
        "difficulty": asdict(difficulty),
    }
    return Benchmark(settings, {name: score(some) for name, some in played.items()})
