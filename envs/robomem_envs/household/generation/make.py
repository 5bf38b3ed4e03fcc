"""Make the tasks of a subset: draw, check, keep, until there are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from robomem.embodied import EmbodiedTask
from robomem.errors import ConfigError
from robomem.seeding import generator
from robomem_envs.household.generation.checks import passes
from robomem_envs.household.generation.subsets import SUBSETS, draft
from robomem_envs.household.home import Home

__all__ = ["make_subset"]

HELD_OUT = 100_000
"""Seeds of held-out tasks begin here."""
SEEDS = 40
"""Seeds that are tried for each task that is wanted."""
DRAFTS = 12
"""Drafts that are drawn in one home."""


def make_subset(
    suite: str,
    subset: str,
    number: int,
    worlds: Sequence[str],
    home: Callable[[str, int], Home],
    *,
    held_out: bool = False,
) -> Iterator[EmbodiedTask]:
    """Yield tasks that stand the checks; a function of the arguments alone.

    Args:
        suite: household or rearrange.
        subset: one of ``SUBSETS``.
        number: of tasks.
        worlds: that take turns.
        home: makes a home from the name of a world and a seed.
        held_out: whether to draw from seeds that are kept apart.

    Raises:
        ConfigError: the worlds do not allow for so many.
    """
    first, made, said = HELD_OUT * held_out, 0, set[str]()
    for seed in range(first, first + SEEDS * number):
        if made == number:
            return
        world = worlds[made % len(worlds)]
        shown: Home | None = home(world, seed)
        assert shown is not None
        drawn = generator(seed, suite, subset, world)
        for one in [draft(shown, suite, subset, drawn) for _ in range(DRAFTS)]:
            if one is None or one.instruction in said:
                continue
            name = f"{suite}-{subset}-{'held-out-' * held_out}{made + 1:03d}"
            details = {"states": dict(one.states)} if one.states else {}
            task = EmbodiedTask(name, suite, subset, world, seed, one.instruction, one.goals, details=details)
            kept = passes(task, _given(shown, home), SUBSETS[subset].steps)
            shown = None
            if kept:
                said.add(one.instruction)
                made += 1
                yield task
                break
        if shown is not None:
            shown.close()
    if made < number:
        raise ConfigError(f"{suite}:{subset} has only {made} of {number} tasks after {SEEDS * number:,} seeds.")


def _given(shown: Home | None, home: Callable[[str, int], Home]) -> Callable[[str, int], Home]:
    """Make the home that has been shown and not touched, else a new one: both are the same."""
    return home if shown is None else lambda world, seed: shown
