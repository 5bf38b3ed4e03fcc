"""Make the tasks of a subset: draw, check, keep, until there are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from robomem.embodied import EmbodiedTask
from robomem.errors import ConfigError
from robomem.seeding import generator
from robomem_envs.household.environment import HouseholdEnv, RearrangeEnv
from robomem_envs.household.generation.checks import oracle_steps
from robomem_envs.household.generation.subsets import SUBSETS, draft
from robomem_envs.household.home import Home

__all__ = ["ENVIRONMENTS", "make_subset", "passes"]

ENVIRONMENTS = {"household": HouseholdEnv, "rearrange": RearrangeEnv}
LEAST_STEPS = 3
HELD_OUT = 100_000
"""Seeds of held-out tasks begin here."""
DRAFTS = 12
"""Drafts that are tried in one home before the next seed."""


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
    seed, made, said = HELD_OUT * held_out, 0, set[str]()
    while made < number:
        if seed - HELD_OUT * held_out > 40 * number:
            raise ConfigError(f"{suite}:{subset} has only {made} of {number} tasks after {seed:,} seeds.")
        name = f"{suite}-{subset}-{'held-out-' * held_out}{made + 1:03d}"
        task = _one(suite, subset, name, worlds[made % len(worlds)], seed, home)
        seed += 1
        if task is not None and task.instruction not in said:
            said.add(task.instruction)
            made += 1
            yield task


def _one(
    suite: str, subset: str, name: str, world: str, seed: int, home: Callable[[str, int], Home]
) -> EmbodiedTask | None:
    rng = generator(seed, suite, subset, world)
    shown = home(world, seed)
    try:
        drafts = [draft(shown, suite, subset, rng) for _ in range(DRAFTS)]
    finally:
        shown.close()
    for one in (found for found in drafts if found is not None):
        details = {"states": dict(one.states)} if one.states else {}
        task = EmbodiedTask(name, suite, subset, world, seed, one.instruction, one.goals, details=details)
        if passes(task, home, SUBSETS[subset].steps):
            return task
    return None


def passes(task: EmbodiedTask, home: Callable[[str, int], Home], most: int) -> bool:
    """Return whether a task is not done from the start, and the oracle does it in ``LEAST_STEPS`` to ``most`` skills."""
    try:
        env = ENVIRONMENTS[task.suite](home=home, task=task)
    except ConfigError:
        return False
    try:
        steps = oracle_steps(env, task)
    finally:
        env.close()
    return steps is not None and LEAST_STEPS <= steps <= most
