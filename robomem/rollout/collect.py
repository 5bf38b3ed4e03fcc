"""Record episodes of an agent, such as a task's scripted expert, as a data set to imitate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.data import Dataset, DatasetWriter, Feature, numbers, picture
from robomem.errors import ConfigError, RobomemError, SpaceError
from robomem.policy import Policy
from robomem.rollout.actors import Actor, as_actor
from robomem.rollout.environments import make_vector
from robomem.rollout.play import EpisodeRow, play_in
from robomem.seeding import derive_seed, generator
from robomem.types import Action, BoolArray, IntArray, Observation

__all__ = ["collect", "frame_features"]

_PROPRIO = "proprio"
_MOST_FAILURES = 100
"""In a row, after which the agent is taken to be unable."""


def collect(
    agent: Policy | Actor,
    env_id: str,
    episodes: int,
    folder: Path,
    *,
    task: str,
    env_kwargs: Mapping[str, Any] | None = None,
    seed: int = 0,
    noise: float = 0.0,
    pictures: str = "video",
    keep_failures: bool = False,
    append: bool = False,
    told: Callable[[EpisodeRow, bool], None] | None = None,
) -> int:
    """Play until so many episodes are in the data set; each is on disk as soon as it ends.

    With ``noise``, what is executed is the agent's action and a disturbance, and what is recorded is the agent's action
    alone: the data set then shows how to come back from where a learner will stray (DART, Laskey et al. 2017).

    Args:
        agent: who acts, e.g. ``sanity_actors["expert"]()``.
        env_id: a short name of ours or any Gymnasium id, with a whole number of ``render_fps``.
        episodes: how many to add.
        folder: of the data set.
        task: what is to be done, in words.
        env_kwargs: arguments of the environment.
        seed: episodes' seeds derive from it; a data set that is appended to goes on with the next ones.
        noise: standard deviation of the disturbance, in the units of the actions.
        pictures: ``video`` or ``image``, see ``robomem.data.picture``.
        keep_failures: keep episodes that were not a success too.
        append: go on with a data set that is there.
        told: called with each episode's outcome and whether it was kept.

    Returns:
        how many episodes were played.

    Raises:
        ConfigError: the environment says no frames per second, or noise does not fit its actions.
        SpaceError: its observations or actions cannot be stored.
        RobomemError: a hundred episodes in a row were no success.
        StorageError: the folder is not empty or cannot be written.
    """
    if episodes < 1 or not noise >= 0:
        raise ConfigError(f"It takes an episode or more and noise of 0 or more, not {episodes} and {noise:g}.")
    with closing(make_vector(env_id, 1, autoreset="disabled", **(env_kwargs or {}))) as env:
        fps = env.metadata.get("render_fps")
        if not fps or fps != int(fps):
            raise ConfigError(f"{env_id} has no whole number of render_fps in its metadata, but {fps}.")
        if noise and not isinstance(env.single_action_space, spaces.Box):
            raise ConfigError(
                f"noise is for actions that are numbers; those of {env_id} are {env.single_action_space}."
            )
        features = frame_features(env.single_observation_space, env.single_action_space, pictures)
        robot = str((env_kwargs or {}).get("robot", "")) or None
        with DatasetWriter(folder, int(fps), features, robot_type=robot, append=append) as writer:
            recorder = _Recorder(as_actor(agent), writer, task, noise)
            wanted, attempt, failures = writer.info.total_episodes + episodes, _next_attempt(folder), 0
            first = attempt
            while writer.info.total_episodes < wanted:
                (row,) = play_in(env, recorder, [derive_seed(seed, "collect", attempt)])
                kept = keep_failures or row.success is not False
                if kept:
                    facts = {"success": row.success, "return": row.return_, "noise": noise, "env": env_id}
                    writer.save_episode({"seed": row.seed, "attempt": attempt, **facts})
                else:
                    writer.discard_episode()
                if told is not None:
                    told(row, kept)
                attempt, failures = attempt + 1, 0 if kept else failures + 1
                if failures == _MOST_FAILURES:
                    raise RobomemError(
                        f"{failures} episodes in a row were no success; {writer.info.total_episodes} are kept in "
                        f"{folder}. Lower the noise, or keep failures."
                    )
            return attempt - first


def _next_attempt(folder: Path) -> int:
    dataset = Dataset(folder)
    facts = dataset.notes(len(dataset) - 1).get("facts", {}) if len(dataset) else {}
    return int(facts.get("attempt", len(dataset) - 1)) + 1


class _Recorder:
    """An actor that writes down what another one sees and does."""

    def __init__(self, actor: Actor, writer: DatasetWriter, task: str, noise: float) -> None:
        self._actor, self._writer, self._task, self._noise = actor, writer, task, noise

    def attach(self, env: gym.vector.VectorEnv[Any, Any, Any]) -> None:
        """See ``Actor.attach``."""
        self._actor.attach(env)
        self._actions = env.single_action_space

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> Action:
        """See ``Actor.act``."""
        action = np.asarray(self._actor.act(observation, rows, seeds, starts))
        parts = observation if isinstance(observation, Mapping) else {"": observation}
        frame = {_key(name, np.asarray(part)[0]): np.asarray(part)[0] for name, part in parts.items()}
        frame["action"] = action[0]
        features = self._writer.info.features
        frame = {name: value if features[name].is_picture else value.reshape(-1) for name, value in frame.items()}
        self._writer.add(frame, self._task)
        if not self._noise:
            return action
        if starts[0]:
            self._disturbances = generator(int(seeds[0]), "action noise")
        assert isinstance(self._actions, spaces.Box)
        disturbed = action + self._disturbances.normal(0.0, self._noise, action.shape)
        return np.clip(disturbed, self._actions.low, self._actions.high).astype(action.dtype)


def frame_features(
    observation_space: spaces.Space[Any], action_space: spaces.Space[Any], pictures: str = "video"
) -> dict[str, Feature]:
    """Return what a frame of an environment's data set holds, by LeRobot's conventions.

    ``proprio``, or the whole of an observation that has no parts, is ``observation.state``; a picture is
    ``observation.images.NAME``; another part is ``observation.NAME``, flat.

    Raises:
        SpaceError: a part is neither numbers nor an RGB picture.
    """
    parts = observation_space.spaces if isinstance(observation_space, spaces.Dict) else {"": observation_space}
    features = {}
    for name, space in parts.items():
        blank = _blank(name, space)
        key = _key(name, blank)
        height, width = blank.shape[:2] if _is_picture(blank) else (0, 0)
        features[key] = picture(height, width, pictures) if _is_picture(blank) else _numbers(blank)
    return {**features, "action": _numbers(_blank("action", action_space))}


def _blank(name: str, space: spaces.Space[Any]) -> npt.NDArray[Any]:
    if not isinstance(space, (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)):
        raise SpaceError(f"A data set holds numbers and pictures; {name or 'the observation'} is {space}.")
    return np.zeros(space.shape or (), space.dtype)


def _is_picture(value: npt.NDArray[Any]) -> bool:
    return value.ndim == 3 and value.shape[-1] == 3 and value.dtype == np.uint8


def _key(name: str, value: npt.NDArray[Any]) -> str:
    if _is_picture(value):
        return f"observation.images.{name or 'pixels'}"
    return "observation.state" if name in ("", _PROPRIO) else f"observation.{name}"


def _numbers(value: npt.NDArray[Any]) -> Feature:
    kind = "float32" if value.dtype.kind == "f" else "bool" if value.dtype.kind == "b" else "int64"
    return numbers(value.size, dtype=kind)
