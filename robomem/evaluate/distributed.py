"""Episodes spread over a Ray cluster, with the rows that one process would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from robomem.errors import ConfigError
from robomem.policy import Policy
from robomem.rollout.actors import Actor
from robomem.rollout.play import EpisodeRow, play

__all__ = ["play_on_ray"]


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
    """Play one episode for each seed in tasks of ``num_envs`` episodes; see ``robomem.rollout.play``.

    A cluster that ``ray.init`` already reached is used; else the one at ``RAY_ADDRESS``; else a local one with one
    worker a core is started. The machines need the same RoboMem. Ray itself moves the policy to its workers with
    pickle, inside the cluster that you trust; nothing is read from disk that way.

    Raises:
        ConfigError: Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        raise ConfigError("Ray is not installed; run `pip install 'robomem[ray]'`, or leave ray out.") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    task = ray.remote(num_cpus=1)(_chunk)
    shared = ray.put(policy)
    chunks = [list(seeds[start : start + num_envs]) for start in range(0, len(seeds), num_envs)]
    waiting = {
        task.remote(shared, env_id, chunk, num_envs, dict(env_kwargs or {}), deterministic): index
        for index, chunk in enumerate(chunks)
    }
    done: dict[int, list[EpisodeRow]] = {}
    while waiting:
        (ready,), _ = ray.wait(list(waiting), num_returns=1)
        done[waiting.pop(ready)] = ray.get(ready)
        if progress is not None:
            progress(sum(map(len, done.values())), len(seeds))
    return [row for index in range(len(chunks)) for row in done[index]]


def _chunk(
    policy: Policy | Actor,
    env_id: str,
    seeds: Sequence[int],
    num_envs: int,
    env_kwargs: Mapping[str, Any],
    deterministic: bool,
) -> list[EpisodeRow]:
    return play(policy, env_id, seeds, num_envs=num_envs, env_kwargs=env_kwargs, deterministic=deterministic)
