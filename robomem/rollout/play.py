"""Play episodes, many at once, with results that do not depend on how many.

Each episode is reset with its own seed and the policy is asked about active rows alone, so a row's trajectory is a
function of (policy, environment, seed). The environment must not reset by itself: a row that ends an episode begins
the next one in the queue at once, and when none is left it goes idle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.errors import EnvironmentFault
from robomem.policy import Policy
from robomem.rollout.actors import Actor, as_actor
from robomem.rollout.environments import make_vector
from robomem.types import BoolArray, IntArray, Observation

__all__ = ["EpisodeRow", "OnFrame", "play", "play_in"]

OnFrame = Callable[[npt.NDArray[np.uint8], int], None]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class EpisodeRow:
    """What happened in one episode.

    Attributes:
        seed: with which the environment was reset.
        return_: undiscounted sum of rewards.
        length: steps.
        success: the environment's own verdict at the last step; None where it gives none.
        terminated: the task ended the episode.
        truncated: the time limit ended the episode.
        diverged: the physics blew up and the environment stopped it.
    """

    seed: int
    return_: float
    length: int
    success: bool | None
    terminated: bool
    truncated: bool
    diverged: bool

    def to_json(self) -> dict[str, Any]:
        """Return the row as a flat JSON object; the sum of rewards is ``return``."""
        return {name.rstrip("_"): value for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> EpisodeRow:
        """Rebuild a row from ``to_json``."""
        return cls(**{"return_" if name == "return" else name: value for name, value in row.items()})


def play(
    policy: Policy | Actor,
    env_id: str,
    seeds: Sequence[int],
    *,
    num_envs: int = 16,
    env_kwargs: Mapping[str, Any] | None = None,
    deterministic: bool = True,
    progress: OnProgress | None = None,
) -> list[EpisodeRow]:
    """Play one episode for each seed.

    Args:
        policy: who acts: a policy or one of the ``sanity_actors``.
        env_id: a short name of ours or any Gymnasium id.
        seeds: the seed of each episode.
        num_envs: how many episodes at once; changes the speed and nothing else.
        env_kwargs: arguments of the environment.
        deterministic: take the mode of the policy's action distribution.
        progress: called with (episodes done, episodes in all) after each episode.

    Returns:
        one row a seed, in the order of ``seeds``.

    Raises:
        UnknownNameError: no such environment.
        SpaceError: the policy was made for other observations or actions.
        EnvironmentFault: an observation or reward is NaN or infinite.
    """
    if not seeds:
        return []
    env = make_vector(env_id, min(num_envs, len(seeds)), autoreset="disabled", **(env_kwargs or {}))
    try:
        return play_in(env, as_actor(policy, deterministic), seeds, progress=progress)
    finally:
        env.close()


def play_in(
    env: gym.vector.VectorEnv[Any, Any, Any],
    actor: Actor,
    seeds: Sequence[int],
    *,
    on_frame: OnFrame | None = None,
    progress: OnProgress | None = None,
) -> list[EpisodeRow]:
    """Play one episode for each seed in an environment that is there already; see ``play``.

    Args:
        env: with autoreset disabled and no more rows than seeds.
        actor: who acts.
        seeds: the seed of each episode.
        on_frame: called with each frame [H, W, 3] uint8 of the first row and the index of its episode.
        progress: called with (episodes done, episodes in all) after each episode.
    """
    actor.attach(env)
    return _Rollout(env, actor, seeds, on_frame, progress).run()


class _Rollout:
    """The loop of ``play``: which row plays which episode, and the books."""

    def __init__(
        self,
        env: gym.vector.VectorEnv[Any, Any, Any],
        actor: Actor,
        seeds: Sequence[int],
        on_frame: OnFrame | None,
        progress: OnProgress | None,
    ) -> None:
        self.env, self.actor = env, actor
        self.seeds: IntArray = np.asarray(seeds, np.int64)
        self.on_frame, self.progress = on_frame, progress
        self.episode: IntArray = np.arange(env.num_envs)
        self.active: BoolArray = np.ones(env.num_envs, bool)
        self.starts: BoolArray = np.ones(env.num_envs, bool)
        self.returns = np.zeros(env.num_envs)
        self.lengths: IntArray = np.zeros(env.num_envs, np.int64)
        self.done: dict[int, EpisodeRow] = {}
        self.queue = env.num_envs

    def run(self) -> list[EpisodeRow]:
        observation, _ = self.env.reset(seed=self.seeds[self.episode].tolist())
        self._film()
        while self.active.any():
            rows = np.flatnonzero(self.active)
            seen = _take(observation, rows)
            self._require_finite(seen, rows)
            chosen = self.actor.act(seen, rows, self.seeds[self.episode[rows]], self.starts[rows])
            observation = self._step(rows, np.asarray(chosen))
        return [self.done[episode] for episode in range(len(self.seeds))]

    def _step(self, rows: IntArray, chosen: npt.NDArray[Any]) -> Observation:
        # Idle rows repeat some active row's action, which is a legal one; nobody reads what comes of it.
        everywhere = np.searchsorted(rows, np.arange(self.env.num_envs)).clip(max=len(rows) - 1)
        observation, reward, terminated, truncated, info = self.env.step(chosen[everywhere])
        self._require_finite_reward(reward, rows)
        self.returns += reward
        self.lengths += 1
        self.starts[:] = False
        self._film()
        ended = terminated | truncated
        for row in np.flatnonzero(ended & self.active).tolist():
            self._finish(row, bool(terminated[row]), bool(truncated[row]), info)
        if not (ended.any() and self.active.any()):
            return observation  # type: ignore[no-any-return]
        self.returns[ended], self.lengths[ended], self.starts[ended] = 0.0, 0, True
        observation, _ = self.env.reset(seed=self.seeds[self.episode].tolist(), options={"reset_mask": ended})
        self._film()
        return observation  # type: ignore[no-any-return]

    def _finish(self, row: int, terminated: bool, truncated: bool, info: Mapping[str, Any]) -> None:
        episode = int(self.episode[row])
        verdict = _flag(info, "success", row)
        self.done[episode] = EpisodeRow(
            seed=int(self.seeds[episode]),
            return_=float(self.returns[row]),
            length=int(self.lengths[row]),
            success=_flag(info, "is_success", row) if verdict is None else verdict,
            terminated=terminated,
            truncated=truncated,
            diverged=bool(_flag(info, "diverged", row)),
        )
        if self.queue < len(self.seeds):
            self.episode[row] = self.queue
            self.queue += 1
        else:
            self.active[row] = False
        if self.progress is not None:
            self.progress(len(self.done), len(self.seeds))

    def _film(self) -> None:
        if self.on_frame is None:
            return
        frames = self.env.render()
        if frames is not None:
            self.on_frame(np.asarray(frames[0], np.uint8), int(self.episode[0]))

    def _require_finite(self, observation: Observation, rows: IntArray) -> None:
        parts = observation.items() if isinstance(observation, Mapping) else [("observation", observation)]
        for name, part in parts:
            if np.issubdtype(part.dtype, np.floating) and not np.isfinite(part).all():
                finite = np.isfinite(part.reshape(len(part), -1)).all(axis=1)
                self._blame(f"observation part {name!r}", rows[~finite])

    def _require_finite_reward(self, reward: npt.NDArray[Any], rows: IntArray) -> None:
        if not np.isfinite(reward[rows]).all():
            self._blame("reward", rows[~np.isfinite(reward[rows])])

    def _blame(self, what: str, rows: IntArray) -> None:
        row = int(rows[0])
        name = self.env.spec.id if self.env.spec else type(self.env.unwrapped).__name__
        raise EnvironmentFault(
            f"{name} returned a {what} that is not finite, in the episode of seed {self.seeds[self.episode[row]]} near "
            f"step {self.lengths[row]}. Replay that seed to see why; an environment should end a diverged episode."
        )


def _take(observation: Observation, rows: IntArray) -> Observation:
    if isinstance(observation, Mapping):
        return {name: part[rows] for name, part in observation.items()}
    return observation[rows]


def _flag(info: Mapping[str, Any], name: str, row: int) -> bool | None:
    if name not in info or not np.broadcast_to(info.get(f"_{name}", True), len(info[name]))[row]:
        return None
    return bool(info[name][row])
