"""Writes down what an agent sees and does, frame by frame, by LeRobot's conventions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.data import DatasetWriter, Feature, numbers, picture
from robomem.data.naming import ACTION, CUE, EVENT, HAPPENING, IMITATE, feature_name
from robomem.errors import SpaceError
from robomem.rollout.actors import Actor
from robomem.rollout.student import Student
from robomem.seeding import generator
from robomem.types import Action, BoolArray, IntArray, Observation

__all__ = ["Recorder", "annotator", "frame_features", "happenings"]

Env = gym.vector.VectorEnv[Any, Any, Any]
Annotator = Callable[[], Mapping[str, npt.NDArray[Any]]]

_NOTES = {"cue": (CUE, "int64"), "event": (EVENT, "bool"), "happening": (HAPPENING, "int64")}


class Recorder:
    """An actor that writes down what another one sees and does, in an environment of one row.

    Args:
        actor: who acts, and whose actions are recorded whoever acts.
        writer: where to.
        task: what is to be done, in words.
        noise: standard deviation of the disturbance of what the actor does.
        student: who acts for stretches in its place.
        annotate: gives the environment's notes, see ``annotator``.
    """

    def __init__(
        self,
        actor: Actor,
        writer: DatasetWriter,
        task: str,
        noise: float = 0.0,
        student: Student | None = None,
        annotate: Annotator | None = None,
    ) -> None:
        self._actor, self._writer, self._task, self._noise = actor, writer, task, noise
        self._student, self._annotate = student, annotate

    def attach(self, env: Env) -> None:
        """See ``Actor.attach``."""
        self._actor.attach(env)
        if self._student is not None:
            self._student.attach(env)
        self._actions = env.single_action_space

    def act(self, observation: Observation, rows: IntArray, seeds: IntArray, starts: BoolArray) -> Action:
        """See ``Actor.act``."""
        action = np.asarray(self._actor.act(observation, rows, seeds, starts))
        done, students = action, False
        if self._student is not None:
            done, students = self._student.act(observation, rows, seeds, starts)
        parts = observation if isinstance(observation, Mapping) else {"": observation}
        frame = {_key(name, np.asarray(part)[0]): np.asarray(part)[0] for name, part in parts.items()}
        frame[ACTION] = action[0]
        if self._annotate is not None:
            frame |= {_NOTES[name][0]: note[:1] for name, note in self._annotate().items()}
        features = self._writer.info.features
        if IMITATE in features:
            frame[IMITATE] = np.array([not students])
        frame = {name: value if features[name].is_picture else value.reshape(-1) for name, value in frame.items()}
        self._writer.add(frame, self._task)
        return done.astype(action.dtype) if students else self._disturbed(action, seeds, starts)

    def _disturbed(self, action: npt.NDArray[Any], seeds: IntArray, starts: BoolArray) -> npt.NDArray[Any]:
        if not self._noise:
            return action
        if starts[0]:
            self._disturbances = generator(int(seeds[0]), "action noise")
        assert isinstance(self._actions, spaces.Box)
        disturbed = action + self._disturbances.normal(0.0, self._noise, action.shape)
        return np.clip(disturbed, self._actions.low, self._actions.high).astype(action.dtype)


def annotator(env: Env) -> Annotator | None:
    """Return what gives an environment's notes on what is to be remembered, each [1]; None where it makes none."""
    ask = getattr(env.unwrapped, "annotations", None)
    if ask is None and isinstance(env, gym.vector.SyncVectorEnv):
        single = getattr(env.envs[0].unwrapped, "annotations", None)
        if single is not None:
            ask = lambda: {name: np.asarray(note)[None] for name, note in single().items()}  # noqa: E731
    if ask is None:
        return None
    env.reset(seed=0)  # before that there is nothing to make notes on
    return ask if ask() else None


def happenings(env: Env) -> list[str]:
    """Return what an environment's note ``happening`` counts, from 1 on."""
    single = env.envs[0].unwrapped if isinstance(env, gym.vector.SyncVectorEnv) else env.unwrapped
    return list(getattr(single, "happenings", ()))


def frame_features(
    observation_space: spaces.Space[Any],
    action_space: spaces.Space[Any],
    pictures: str = "video",
    notes: tuple[str, ...] = (),
    student: bool = False,
) -> dict[str, Feature]:
    """Return what a frame of an environment's data set holds, by LeRobot's conventions.

    ``proprio``, or the whole of an observation that has no parts, is ``observation.state``; a picture is
    ``observation.images.NAME``; another part is ``observation.NAME``, flat.

    Args:
        observation_space: of the environment.
        action_space: likewise.
        pictures: how they are stored, see ``robomem.data.picture``.
        notes: names of the environment's annotations.
        student: another acts at times, and each frame says so.

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
    features[ACTION] = _numbers(_blank(ACTION, action_space))
    features |= {_NOTES[name][0]: numbers(1, dtype=_NOTES[name][1]) for name in notes}
    return features | ({IMITATE: numbers(1, dtype="bool")} if student else {})


def _blank(name: str, space: spaces.Space[Any]) -> npt.NDArray[Any]:
    if not isinstance(space, (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)):
        raise SpaceError(f"A data set holds numbers and pictures; {name or 'the observation'} is {space}.")
    return np.zeros(space.shape or (), space.dtype)


def _is_picture(value: npt.NDArray[Any]) -> bool:
    return value.ndim == 3 and value.shape[-1] == 3 and value.dtype == np.uint8


def _key(name: str, value: npt.NDArray[Any]) -> str:
    return feature_name(name, _is_picture(value))


def _numbers(value: npt.NDArray[Any]) -> Feature:
    kind = "float32" if value.dtype.kind == "f" else "bool" if value.dtype.kind == "b" else "int64"
    return numbers(value.size, dtype=kind)
