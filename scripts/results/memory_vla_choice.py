"""Where take-it-back was decided: the disc that the cube is nearest to at the end, right or wrong, put down or not."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from robomem.rollout import PolicyActor, make_vector

__all__ = ["choices"]

_MOVED_M = 0.03
"""From the middle, where the cube waits; a cube that was not moved counts as no choice."""


def choices(policy: Any, env_kwargs: Mapping[str, Any], seeds: Sequence[int]) -> list[int]:
    """Return [right choices, episodes] of a policy in TakeItBack, one episode a seed."""
    with contextlib.closing(make_vector("take-it-back", len(seeds), autoreset="disabled", **env_kwargs)) as env:
        actor = PolicyActor(policy)
        actor.attach(env)
        observation, _ = env.reset(seed=list(map(int, seeds)))
        task: Any = env.unwrapped.task
        right = np.zeros(len(seeds), bool)
        rows = np.arange(len(seeds))
        discs, middle = task.discs, task.middle
        wanted = task.episode.place.copy()
        starts = np.ones(len(seeds), bool)
        while len(rows):
            seen = {name: part[rows] for name, part in observation.items()}
            chosen = actor.act(seen, rows, np.asarray(seeds)[rows], starts[rows])
            starts[:] = False
            everywhere = np.searchsorted(rows, np.arange(len(seeds))).clip(max=len(rows) - 1)
            observation, _, terminated, truncated, _ = env.step(np.asarray(chosen)[everywhere])
            gaps = np.linalg.norm(task.cube[:, None, :2] - discs[None], axis=-1)
            moved = np.linalg.norm(task.cube[:, :2] - middle, axis=-1) > _MOVED_M
            right[rows] = (moved & (gaps.argmin(1) == wanted))[rows]
            ended = terminated | truncated
            rows = rows[~ended[rows]]
            if ended.any() and len(rows):
                observation, _ = env.reset(seed=list(map(int, seeds)), options={"reset_mask": ended})
        return [int(right.sum()), len(seeds)]
