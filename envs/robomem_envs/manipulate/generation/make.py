"""Make the tasks of a subset: draw, check, keep, until there are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from robomem.embodied import EmbodiedTask
from robomem.errors import ConfigError
from robomem.seeding import generator
from robomem_envs.manipulate.environment import ManipulateEnv
from robomem_envs.manipulate.generation.contexts import framed
from robomem_envs.manipulate.generation.speaker import Speaker
from robomem_envs.manipulate.generation.wish import KINDS, Say, Wish
from robomem_envs.manipulate.layout import Thing, draw

__all__ = ["MOST_STEPS", "SUBSETS", "make_subset", "oracle_steps"]

MOST_STEPS = 13
"""Actions that the oracle may need, of the 15 there are."""
HELD_OUT, SEEDS, DRAFTS = 100_000, 40, 30


def _mixed(manner: Callable[[Speaker, Thing], str | None]) -> Callable[[Speaker], Say]:
    """Speak so of what can be spoken of so, and plainly of the rest."""

    def choose(speaker: Speaker) -> Say:
        def say(thing: Thing) -> str | None:
            words = manner(speaker, thing)
            speaker.special |= words is not None
            return words or speaker.plainly(thing)

        return say

    return choose


SUBSETS: Final[dict[str, Callable[[Speaker], Say]]] = {
    "base": lambda speaker: speaker.plainly,
    "common_sense": _mixed(Speaker.by_use),
    "complex_instruction": lambda speaker: speaker.plainly,
    "spatial": _mixed(Speaker.by_place),
    "visual_appearance": _mixed(Speaker.by_looks),
}
"""How each subset speaks of things."""
_SPECIAL: Final = ("common_sense", "spatial", "visual_appearance")


def make_subset(subset: str, number: int, *, held_out: bool = False) -> Iterator[EmbodiedTask]:
    """Yield tasks that stand the checks, the kinds of table taking turns; a function of the arguments alone.

    Raises:
        ConfigError: the tables do not allow for so many.
    """
    first, made, said = HELD_OUT * held_out, 0, set[str]()
    for seed in range(first, first + SEEDS * number):
        if made == number:
            return
        world = list(KINDS)[made % len(KINDS)]
        rng = generator(seed, "manipulate tasks", subset, world)
        for _ in range(DRAFTS):
            wish = _draft(subset, world, seed, rng)
            if wish is None or wish.words in said:
                continue
            name = f"manipulate-{subset}-{'held-out-' * held_out}{made + 1:03d}"
            task = EmbodiedTask(name, "manipulate", subset, world, seed, wish.words, wish.goals)
            if _passes(task):
                said.add(wish.words)
                made += 1
                yield task
            break
    if made < number:
        raise ConfigError(f"manipulate:{subset} has only {made} of {number} tasks after {SEEDS * number:,} seeds.")


def _draft(subset: str, world: str, seed: int, rng: np.random.Generator) -> Wish | None:
    speaker = Speaker(draw(world, seed), rng)
    many = rng.random() < (0.5 if subset == "complex_instruction" else 0.2) and world != "areas"
    wish = KINDS[world](speaker, SUBSETS[subset](speaker), many)
    if wish is None or (subset in _SPECIAL and not speaker.special):
        return None
    named = {name for goal in wish.goals for field in ("things", "on", "in") for name in goal.get(field, ())}
    if named & speaker.marks:
        return None
    words = framed(wish, world, speaker) if subset == "complex_instruction" else f"{wish.words}."
    return Wish(f"{words[0].upper()}{words[1:]}", wish.goals)


def _passes(task: EmbodiedTask) -> bool:
    env = ManipulateEnv(task=task)
    try:
        steps = oracle_steps(env)
    finally:
        env.close()
    return steps is not None and 3 <= steps <= MOST_STEPS


def oracle_steps(env: ManipulateEnv) -> int | None:
    """Return how many actions the oracle needs for the task that is set, each of them valid; None if it fails."""
    taken = 0
    while taken < env.max_steps:
        plan = env.expert_plan()
        if not plan:
            return None
        for action in plan:
            _, _, success, truncated, info = env.step(action)
            taken += 1
            if success:
                return taken
            if truncated or not info["last_action_success"]:
                return None
    return None
