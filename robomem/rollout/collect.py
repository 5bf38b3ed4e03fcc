"""Record episodes of an agent, such as a task's scripted expert, as a data set to imitate."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import gymnasium as gym
from gymnasium import spaces

from robomem.data import Dataset, DatasetWriter
from robomem.errors import ConfigError, RobomemError, SpaceError
from robomem.policy import Policy
from robomem.rollout.actors import Actor, as_actor
from robomem.rollout.environments import make_vector, resolve
from robomem.rollout.play import EpisodeRow, play_in
from robomem.rollout.recording import Recorder, annotator, frame_features, happenings
from robomem.rollout.student import Student
from robomem.seeding import derive_seed

__all__ = ["collect"]

Env = gym.vector.VectorEnv[Any, Any, Any]

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
    vary: Mapping[str, Sequence[Any]] | None = None,
    seed: int = 0,
    noise: float = 0.0,
    student: Student | None = None,
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
        vary: values of further arguments, every combination of which is played in turn, so that equally many episodes
            are recorded of each where all succeed. A pause of always the same length teaches a clock, not a memory.
        seed: episodes' seeds derive from it; a data set that is appended to goes on with the next ones.
        noise: standard deviation of the disturbance, in the units of the actions.
        student: acts for stretches in the agent's place; what is recorded is what the agent wanted even then, with the
            note that it is not to be imitated.
        pictures: ``video`` or ``image``, see ``robomem.data.picture``.
        keep_failures: keep episodes that were not a success too.
        append: go on with a data set that is there.
        told: called with each episode's outcome and whether it was kept.

    Returns:
        how many episodes were played.

    Raises:
        ConfigError: the environment says no frames per second, noise does not fit its actions, or what varies is given
            twice, or without a value.
        SpaceError: its observations or actions cannot be stored, or are others under other arguments.
        RobomemError: a hundred episodes in a row were no success.
        StorageError: the folder is not empty or cannot be written.
    """
    if episodes < 1 or not noise >= 0:
        raise ConfigError(f"It takes an episode or more and noise of 0 or more, not {episodes} and {noise:g}.")
    every = _combinations(env_kwargs or {}, vary or {})
    with ExitStack() as stack:
        envs = [stack.enter_context(closing(make_vector(env_id, 1, autoreset="disabled", **each))) for each in every]
        fps = _frames_per_second(env_id, envs[0], noise)
        for env, arguments in zip(envs, every):
            _require_alike(envs[0], env, arguments)
        annotate = [annotator(env) for env in envs]
        notes = () if annotate[0] is None else tuple(annotate[0]())
        features = frame_features(
            envs[0].single_observation_space, envs[0].single_action_space, pictures, notes, student is not None
        )
        named = {"happenings": happenings(envs[0])} if "happening" in notes else {}
        origins = [{**_origin(env_id, each, envs[0].single_action_space), **named} for each in every]
        robot = str(every[0].get("robot", "")) or None
        with DatasetWriter(folder, fps, features, robot_type=robot, append=append) as writer:
            recorders = [Recorder(as_actor(agent), writer, task, noise, student, each) for each in annotate]
            wanted, attempt, failures = writer.info.total_episodes + episodes, _next_attempt(folder), 0
            first = attempt
            while writer.info.total_episodes < wanted:
                turn = attempt % len(envs)
                (row,) = play_in(envs[turn], recorders[turn], [derive_seed(seed, "collect", attempt)])
                kept = keep_failures or row.success is not False
                if kept:
                    facts = {"success": row.success, "return": row.return_, "noise": noise, **origins[turn]}
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


def _combinations(env_kwargs: Mapping[str, Any], vary: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the arguments of each environment, the last named one changing fastest."""
    for name, values in vary.items():
        if name in env_kwargs:
            raise ConfigError(f"{name} is to vary, and is {env_kwargs[name]!r} in the environment's arguments.")
        if not values:
            raise ConfigError(f"{name} is to vary among no values at all.")
    return [{**env_kwargs, **dict(zip(vary, values))} for values in itertools.product(*vary.values())]


def _frames_per_second(env_id: str, env: Env, noise: float) -> int:
    fps = env.metadata.get("render_fps")
    if not fps or fps != int(fps):
        raise ConfigError(f"{env_id} has no whole number of render_fps in its metadata, but {fps}.")
    if noise and not isinstance(env.single_action_space, spaces.Box):
        raise ConfigError(f"noise is for actions that are numbers; those of {env_id} are {env.single_action_space}.")
    return int(fps)


def _require_alike(first: Env, env: Env, arguments: Mapping[str, Any]) -> None:
    for what in ("single_observation_space", "single_action_space"):
        one, other = getattr(first, what), getattr(env, what)
        if one != other:
            raise SpaceError(
                f"With {dict(arguments)} the environment's {what.split('_')[1]}s are {other}, with the first arguments "
                f"{one}: one data set holds frames of one form. Record two."
            )


def _origin(env_id: str, env_kwargs: Mapping[str, Any], action_space: spaces.Space[Any]) -> dict[str, Any]:
    """Return what whoever imitates must know of the environment, as JSON."""
    facts = {"env": resolve(env_id), "env_kwargs": json.loads(json.dumps(dict(env_kwargs), default=str))}
    if isinstance(action_space, spaces.Box) and action_space.is_bounded():
        facts |= {"action_low": action_space.low.ravel().tolist(), "action_high": action_space.high.ravel().tolist()}
    return facts


def _next_attempt(folder: Path) -> int:
    dataset = Dataset(folder)
    facts = dataset.notes(len(dataset) - 1).get("facts", {}) if len(dataset) else {}
    return int(facts.get("attempt", len(dataset) - 1)) + 1
