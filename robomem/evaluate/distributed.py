"""Work spread over a Ray cluster, with the results that one process would give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from robomem.errors import ConfigError
from robomem.policy import Policy
from robomem.rollout.actors import Actor
from robomem.rollout.play import EpisodeRow, play

__all__ = ["map_on_ray", "play_on_ray"]

S = TypeVar("S")
W = TypeVar("W")
R = TypeVar("R")


def map_on_ray(function: Callable[[S, W], R], shared: S, work: Sequence[W]) -> Iterator[tuple[int, R]]:
    """Yield the index and result of ``function(shared, piece)`` for each piece of work, as they finish.

    A cluster that ``ray.init`` already reached is used; else the one at ``RAY_ADDRESS``; else a local one with one
    worker a core is started. The machines need the same RoboMem. Ray itself moves ``shared`` and the work to its
    workers with pickle, inside the cluster that you trust; nothing is read from disk that way.

    Raises:
        ConfigError: Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        raise ConfigError("Ray is not installed; run `pip install 'robomem[ray]'`, or leave ray out.") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    task = ray.remote(num_cpus=1)(function)
    once = ray.put(shared)
    waiting = {task.remote(once, piece): index for index, piece in enumerate(work)}
    while waiting:
        (ready,), _ = ray.wait(list(waiting), num_returns=1)
        yield waiting.pop(ready), ray.get(ready)


def play_on_ray(
    policy: Policy | Actor,
    env_id: str,
    seeds: Sequence[int],
    *,
    num_envs: int = 16,
    env_kwargs: Mapping[str, Any] | None = None,
    deterministic: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> list[EpisodeRow]:
    """Play one episode for each seed in tasks of ``num_envs`` episodes; see ``robomem.rollout.play``, ``map_on_ray``.

    Raises:
        ConfigError: Ray is not installed.
    """
    chunks = [list(seeds[start : start + num_envs]) for start in range(0, len(seeds), num_envs)]
    shared = (policy, env_id, num_envs, dict(env_kwargs or {}), deterministic)
    done: dict[int, list[EpisodeRow]] = {}
    for index, rows in map_on_ray(_chunk, shared, chunks):
        done[index] = rows
        if progress is not None:
            progress(sum(map(len, done.values())), len(seeds))
    return [row for index in range(len(chunks)) for row in done[index]]


def _chunk(shared: tuple[Policy | Actor, str, int, dict[str, Any], bool], seeds: Sequence[int]) -> list[EpisodeRow]:
    policy, env_id, num_envs, env_kwargs, deterministic = shared
    return play(policy, env_id, seeds, num_envs=num_envs, env_kwargs=env_kwargs, deterministic=deterministic)
