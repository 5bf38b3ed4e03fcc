"""Evaluate a policy: episodes with derived seeds in, an Evaluation that can be reproduced out."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import gymnasium as gym
import numpy as np

import robomem
from robomem.errors import CheckpointError, ConfigError
from robomem.evaluate.statistics import Interval, bootstrap_mean, wilson
from robomem.policy import Policy
from robomem.rollout.actors import Actor
from robomem.rollout.environments import resolve
from robomem.rollout.play import EpisodeRow, play
from robomem.seeding import derive_seed

__all__ = ["Evaluation", "episode_seeds", "evaluate", "versions"]

_VERSIONED = ("gymnasium", "mujoco", "numpy", "torch", "stable-baselines3")


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found, with the settings that give it again.

    Attributes:
        policy: a label: the folder of the policy or the name of the agent.
        env: the Gymnasium id.
        env_kwargs: its arguments.
        seed: from which the seeds of the episodes are derived.
        num_envs: how many episodes ran at once (changes no number).
        deterministic: whether the mode of the action distribution was taken.
        rows: one an episode.
        chance: the success rate of guessing, where the environment tells.
        seconds: wall time.
        versions: of Python and the packages that numbers depend on.
    """

    policy: str
    env: str
    env_kwargs: dict[str, Any]
    seed: int
    num_envs: int
    deterministic: bool
    rows: tuple[EpisodeRow, ...]
    chance: float | None = None
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def success(self) -> Interval | None:
        """The success rate with its Wilson interval; None where the environment gives no verdict."""
        verdicts = [row.success for row in self.rows if row.success is not None]
        return wilson(sum(verdicts), len(verdicts)) if verdicts else None

    @property
    def mean_return(self) -> Interval:
        """The mean sum of rewards with its bootstrap interval."""
        return bootstrap_mean([row.return_ for row in self.rows])

    @property
    def mean_length(self) -> Interval:
        """The mean episode length in steps with its bootstrap interval."""
        return bootstrap_mean([row.length for row in self.rows])

    @property
    def diverged(self) -> int:
        """How many episodes ended because the physics blew up."""
        return sum(row.diverged for row in self.rows)

    def summary(self) -> dict[str, Any]:
        """Return the numbers as a flat JSON object, e.g. one line of ``evaluations.jsonl``."""
        numbers: dict[str, Any] = {"episodes": len(self.rows), "diverged": self.diverged}
        for name in ("success", "mean_return", "mean_length"):
            interval: Interval | None = getattr(self, name)
            for part in ("value", "low", "high"):
                key = name.removeprefix("mean_") + ("" if part == "value" else f"_{part}")
                numbers[key] = None if interval is None else getattr(interval, part)
        return numbers

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON; ``from_json`` inverts it."""
        settings = {name: value for name, value in vars(self).items() if name != "rows"}
        return {**settings, "result": self.summary(), "rows": [row.to_json() for row in self.rows]}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Evaluation:
        """Rebuild an evaluation; raises CheckpointError when ``content`` is something else."""
        try:
            settings = {name: value for name, value in content.items() if name != "result"}
            return cls(**{**settings, "rows": tuple(EpisodeRow.from_json(row) for row in content["rows"])})
        except (TypeError, KeyError, AttributeError) as error:
            raise CheckpointError(f"This is no evaluation of RoboMem's: {error}.") from error


def evaluate(
    policy: Policy | Actor,
    env_id: str,
    *,
    episodes: int = 200,
    seed: int = 0,
    num_envs: int = 16,
    env_kwargs: Mapping[str, Any] | None = None,
    deterministic: bool = True,
    label: str | None = None,
    ray: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Play ``episodes`` episodes and count.

    Two calls with the same ``seed`` meet the same episodes, so two policies can be compared episode by episode.

    Args:
        policy: who acts: a policy or one of ``robomem.rollout.sanity_actors``.
        env_id: a short name of ours or any Gymnasium id.
        episodes: how many.
        seed: from which each episode's seed is derived.
        num_envs: how many episodes at once; changes the speed and nothing else.
        env_kwargs: arguments of the environment.
        deterministic: take the mode of the policy's action distribution.
        label: what to call the policy in reports.
        ray: spread the episodes over the processes or machines of a Ray cluster.
        progress: called with (episodes done, episodes in all).

    Returns:
        the evaluation; ``robomem.evaluate.files.write`` saves it.

    Raises:
        UnknownNameError: no such environment.
        SpaceError: the policy was made for other observations or actions.
        EnvironmentFault: an observation or reward is NaN or infinite.
        ConfigError: no episodes were asked for, or ``ray`` and Ray is not installed.
    """
    if episodes < 1:
        raise ConfigError(f"episodes is {episodes}; evaluate at least one.")
    env_id, kwargs = resolve(env_id), dict(env_kwargs or {})
    seeds, begin = episode_seeds(seed, episodes), time.perf_counter()
    if ray:
        from robomem.evaluate.distributed import play_on_ray as run
    else:
        run = play
    rows = run(
        policy, env_id, seeds, num_envs=num_envs, env_kwargs=kwargs, deterministic=deterministic, progress=progress
    )
    return Evaluation(
        policy=label or type(policy).__name__,
        env=env_id,
        env_kwargs=kwargs,
        seed=seed,
        num_envs=num_envs,
        deterministic=deterministic,
        rows=tuple(rows),
        chance=_chance(env_id, kwargs),
        seconds=round(time.perf_counter() - begin, 3),
        versions=versions(),
    )


def episode_seeds(seed: int, episodes: int) -> list[int]:
    """Return the seeds of an evaluation's episodes; a longer evaluation begins with the episodes of a shorter one."""
    return [derive_seed(seed, "evaluate", index) for index in range(episodes)]


def versions() -> dict[str, str]:
    """Return the versions that numbers depend on; packages that are missing are left out."""
    found = {"robomem": robomem.__version__, "python": platform.python_version(), "machine": platform.machine()}
    for name in _VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _chance(env_id: str, env_kwargs: Mapping[str, Any]) -> float | None:
    env = gym.make(env_id, **env_kwargs)
    try:
        chance = getattr(env.unwrapped, "chance", None)
    finally:
        env.close()
    return None if chance is None else float(np.asarray(chance))


def paired(ours: Evaluation, theirs: Evaluation) -> Sequence[tuple[EpisodeRow, EpisodeRow]]:
    """Return the episodes that two evaluations share (environment, arguments and seed), side by side."""
    if (ours.env, ours.env_kwargs) != (theirs.env, theirs.env_kwargs):
        raise ConfigError(f"{ours.policy} and {theirs.policy} were evaluated on different environments.")
    by_seed = {row.seed: row for row in theirs.rows}
    return [(row, by_seed[row.seed]) for row in ours.rows if row.seed in by_seed]
