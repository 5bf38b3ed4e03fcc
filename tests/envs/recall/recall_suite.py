"""The recall suite as data: every id, what each hides, what guessing means; and how to run episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode

import robomem_envs  # noqa: F401

CONTROLS = ("Reach", "Push", "PickPlace")


@dataclass(frozen=True)
class Secret:
    """What a task hides: the episode array, all values worth trying [K, ...], the step from which it is hidden.

    Args:
        array: name in ``task.episode``.
        values: from a task to [K, ...], one for each row.
        hidden_from: from a task to the first clock at which nothing may tell them apart.
        guess: from (task, drawn [B] in [0, 1)) to the action of a policy that acts on a guess.
        options: of the task, beyond its defaults.
    """

    array: str
    values: Callable[[Any], Any]
    hidden_from: Callable[[Any], int]
    guess: Callable[[Any, Any], Any]
    options: dict[str, Any] = field(default_factory=dict)


def _one_of(n: Callable[[Any], int]) -> Callable[[Any, Any], Any]:
    return lambda task, drawn: task.go_to((drawn * n(task)).astype(np.int64))


def _tour(task: Any, drawn: Any) -> Any:
    tours = np.array(list(permutations(range(task.buttons), task.length)))
    tour = tours[(drawn * len(tours)).astype(np.int64)]
    return task.go_to(tour[np.arange(task.batch), np.minimum(task.episode.hits, task.length - 1)])


def _count(task: Any, drawn: Any) -> Any:
    count = 1 + (drawn * task.most).astype(np.int64)
    return task.go_to(np.where(task.episode.hits < count, 0, 1))


def _sequence(length: int) -> Secret:
    return Secret(
        array="order",
        values=lambda task: list(permutations(range(task.buttons), task.length))[::5],
        hidden_from=lambda task: task.cue_steps * length,
        guess=_tour,
    )


def _colour(n: int) -> Secret:
    return Secret(
        array="color",
        values=lambda task: np.arange(n),
        hidden_from=lambda task: task.cue_steps,
        guess=_one_of(lambda task: n),
    )


def _cups(**options: Any) -> Secret:
    return Secret(
        array="cup",
        values=lambda task: np.arange(3),
        hidden_from=lambda task: task.cue_steps,
        guess=_one_of(lambda task: 3),
        options=options,
    )


SECRETS = {
    "RecallReach": Secret(
        array="pad",
        values=lambda task: np.arange(task.pads),
        hidden_from=lambda task: task.cue_steps,
        guess=_one_of(lambda task: task.pads),
    ),
    "RememberColor3": _colour(3),
    "RememberColor5": _colour(5),
    "RememberColor9": _colour(9),
    "ShellGame": _cups(),
    "ShellGame with swaps": _cups(swaps=2),
    "ButtonSequence2": _sequence(2),
    "ButtonSequence3": _sequence(3),
    "ButtonSequence4": _sequence(4),
    "ButtonSequence5": _sequence(5),
    "ButtonCount": Secret(
        array="flash",
        values=lambda task: np.tril(np.ones((task.most, task.most), bool)),
        hidden_from=lambda task: task.most * task.slot_steps,
        guess=_count,
    ),
    "ObjectPermanence": Secret(
        array="box",
        values=lambda task: list(permutations(range(task.boxes), task.objects)),
        hidden_from=lambda task: task.go_at - 20,
        guess=_one_of(lambda task: task.boxes),
    ),
    "TakeItBack": Secret(
        array="place",
        values=lambda task: np.arange(task.places),
        hidden_from=lambda task: task.cue_steps + 10,
        guess=lambda task, drawn: task.take_to((drawn * task.places).astype(np.int64)),
    ),
}
NAMES = (*SECRETS, *CONTROLS)
KINDS = tuple(name for name in NAMES if name not in ("RememberColor5", "ButtonSequence2", "ButtonSequence3"))
"""One of each kind, where the number makes no difference."""


def options(name: str) -> dict[str, Any]:
    """Return the options that a name of ``NAMES`` stands for."""
    return dict(SECRETS[name].options) if name in SECRETS else {}


def make(name: str, num_envs: int, mode: str = "SameStep", **more: Any) -> Any:
    """Return the batched environment that a name of ``NAMES`` stands for."""
    return gym.make_vec(
        f"robomem/{name.split()[0]}-v0",
        num_envs=num_envs,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode(mode),
        threads=1,
        **{**options(name), **more},
    ).unwrapped


@dataclass
class Outcome:
    """What became of each row's first episode; ``terms`` [T, B] of each name are 0 after its end."""

    success: Any
    length: Any
    terminated: Any
    reward: Any
    terms: dict[str, Any]


def play(env: Any, act: Callable[[Any], Any], seed: int = 0) -> Outcome:
    """Play one episode in every row with ``act(task)``, checking each observation against its space."""
    env.reset(seed=seed)
    batch = env.num_envs
    alive, steps = np.ones(batch, bool), 0
    success, length, terminated = np.zeros(batch, bool), np.zeros(batch, int), np.zeros(batch, bool)
    rewards, terms = [], {}
    while alive.any():
        observation, reward, ends, cuts, info = env.step(act(env.task))
        steps += 1
        assert observation_fits(env, observation)
        ended, final = ends | cuts, info.get("final_info", {})
        told = {
            key: np.where(ended, final.get(key, 0), info.get(key, 0))
            for key in {*info, *final}
            if key == "success" or key.startswith("reward/")
        }
        over = alive & ended
        rewards.append(np.where(alive, reward, 0.0))
        for key, value in told.items():
            if key != "success":
                terms.setdefault(key.removeprefix("reward/"), []).append(np.where(alive, value, 0.0))
        success[over], length[over], terminated[over] = told["success"][over], steps, ends[over]
        alive &= ~over
    return Outcome(
        success, length, terminated, np.array(rewards), {key: np.array(value) for key, value in terms.items()}
    )


def observation_fits(env: Any, observation: Any) -> bool:
    """Whether a batch of observations has the space's names, dtypes and shapes, is finite and within bounds."""
    space = env.observation_space
    return set(observation) == set(space.spaces) and all(space[k].contains(v) for k, v in observation.items())
