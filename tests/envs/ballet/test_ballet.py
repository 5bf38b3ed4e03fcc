"""Ballet is DeepMind's, step for step and pixel for pixel; and a second, slow implementation agrees."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_ballet import PLACES, WORDS, Dancer, SlowBallet

import robomem_envs  # noqa: F401 (registers)
from robomem.errors import ConfigError
from robomem_envs.ballet import Ballet
from robomem_envs.ballet.dances import DANCES, VOCABULARY, tracks
from robomem_envs.ballet.looks import COLOURS, SHAPES, sprites
from robomem_envs.engine import TaskVectorEnv

_TASK = "robomem_envs.ballet:Ballet"


def make(num_envs: int, mode: AutoresetMode = AutoresetMode.DISABLED, **options: Any) -> TaskVectorEnv:
    return TaskVectorEnv(_TASK, num_envs, mode, **options)


# DeepMind's own -------------------------------------------------------------------------------------------------------

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())
"""Recorded from deepmind-research/hierarchical_transformer_memory at 5e35a17, with pycolab 1.2 and numpy 1.23.5:
``default_rng(seed)`` for the environment, ``default_rng(1000 + seed).integers(8)`` for each action; the hash is over
each observation's pixels (as uint8) and "instruction reward terminated"."""


@pytest.mark.parametrize("level", GOLDEN, ids=lambda level: f"{level['dances']}_delay{level['delay']}")
def test_plays_the_reference_episodes(level: dict[str, Any]) -> None:
    options = {name: level[name] for name in ("dances", "delay", "max_steps")}
    env = make(1, **options)
    assert Ballet(level["dances"], level["delay"]).max_steps == level["max_steps"] or level["delay"] not in (16, 48)
    rng = np.random.default_rng(1000 + level["seed"])
    for number, expected in enumerate(level["episodes"]):
        digest, steps, watched, done = hashlib.sha256(), 0, None, False
        observation, _ = env.reset(seed=level["seed"] if number == 0 else None)
        reward, terminated = 0.0, False
        while True:
            word = VOCABULARY[int(observation["instruction"][0, 0])]
            digest.update(observation["pixels"][0].tobytes())
            digest.update(f"{word} {reward} {terminated}".encode())
            if word != "watch" and watched is None:
                watched = steps
            if done:
                break
            observation, rewards, ended, truncated, _ = env.step(rng.integers(8, size=1))
            steps, reward, terminated = steps + 1, float(rewards[0]), bool(ended[0])
            done = terminated or bool(truncated[0])
        found = {
            "length": steps,
            "reward": reward,
            "terminated": terminated,
            "watch": watched,
            "instruction": word,
            "sha256": digest.hexdigest(),
        }
        assert found == expected


def test_all_sprites_are_the_references() -> None:
    digest = hashlib.sha256()
    for shape in range(len(SHAPES)):
        for colour in range(len(COLOURS)):
            digest.update(sprites(np.array(shape), np.array(colour)).tobytes())
    assert digest.hexdigest() == "514058f0e3fbc8e9fb00a489afec56fdbc9530875d5d02896f33e4ea46de8693"


# The slow one ---------------------------------------------------------------------------------------------------------


def slow_twin(task: Ballet, row: int) -> SlowBallet:
    """The same episode, from its cast."""
    episode, cast = task.episode, []
    for i in range(task.dances):
        shape, colour = int(episode.shape[row, i]), int(episode.colour[row, i])
        mask, rgb = list(SHAPES.values())[shape], list(COLOURS.values())[colour]
        sprite = np.array([[rgb if inked else (0, 0, 0) for inked in line] for line in mask], np.uint8)
        home, dance = int(episode.home[row, i]), WORDS[1 + episode.dance[row, i]]
        cast.append(Dancer(home, dance, sprite, 1 + shape, 1 + colour))
    return SlowBallet(cast, int(episode.target[row]), task.delay, task.max_steps)


@settings(max_examples=12)
@given(
    dances=st.integers(1, 8),
    delay=st.sampled_from([1, 2, 5, 16]),
    kind=st.sampled_from(["pixels", "symbolic"]),
    seed=st.integers(0, 2**31),
    after=st.integers(1, 25),
    greedy=st.floats(0, 1),
)
def test_agrees_with_a_slow_ballet(dances: int, delay: int, kind: str, seed: int, after: int, greedy: float) -> None:
    watch = dances * (15 + delay)
    env = make(3, AutoresetMode.SAME_STEP, dances=dances, delay=delay, observation=kind, max_steps=watch + after)
    observation, _ = env.reset(seed=seed)
    rng, twins = np.random.default_rng(seed), [slow_twin(env.task, row) for row in range(3)]

    def agree(seen: dict[str, np.ndarray], twin: SlowBallet) -> None:
        assert WORDS[int(seen["instruction"][0])] == twin.word
        assert (twin.word == "watch") == (twin.steps < watch)
        if kind == "pixels":
            np.testing.assert_array_equal(seen["pixels"], twin.picture())
        else:
            for name, expected in twin.symbols().items():
                np.testing.assert_array_equal(seen[name], np.array(expected, seen[name].dtype), name)

    for _ in range(watch + 2 * after):
        checked = [row for row in range(3) if twins[row].steps % 7 == 0 or twins[row].steps >= watch - 1]
        for row in checked:
            agree({name: part[row] for name, part in observation.items()}, twins[row])
        action = rng.integers(8, size=3)
        action = np.where(rng.random(3) < greedy, env.expert_action(), action)
        observation, reward, terminated, truncated, info = env.step(action)
        for row, twin in enumerate(twins):
            assert (reward[row], terminated[row], truncated[row]) == twin.step(int(action[row]))
            if terminated[row] or truncated[row]:
                agree(info["final_obs"][row], twin)
                assert info["final_info"]["success"][row] == (reward[row] == 1)
                twins[row] = slow_twin(env.task, row)


# Laws -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dances", [2, 4, 8])
@pytest.mark.parametrize("delay", [16, 48])
def test_the_choice_begins_when_published(dances: int, delay: int) -> None:
    env = gym.make(f"robomem/Ballet{dances}Delay{delay}-v0", observation="symbolic")
    assert env.unwrapped.chance == 1 / dances
    observation, _ = env.reset(seed=0)
    steps = 0
    while observation["instruction"][0] == 0:
        observation, *_ = env.step(steps % 8)
        np.testing.assert_array_equal(observation["agent"], 0)
        steps += 1
    assert steps == {(2, 16): 62, (4, 16): 124, (8, 16): 248, (2, 48): 126, (4, 48): 252, (8, 48): 504}[dances, delay]


def test_dances_are_distinct_stay_in_their_square_and_come_home() -> None:
    path = tracks(20)
    assert path.shape == (13, 20, 2)
    assert np.abs(path).max() == 1
    assert (path[:, 15:] == 0).all()
    assert len({dance.tobytes() for dance in path}) == len(DANCES) == 13
    assert tuple(WORDS) == VOCABULARY


def test_the_expert_always_succeeds_from_anywhere() -> None:
    env = make(64, AutoresetMode.SAME_STEP, dances=8, delay=1, observation="symbolic", max_steps=200)
    env.reset(seed=3)
    rng, successes, ends, failures = np.random.default_rng(3), 0, 0, 0
    for t in range(420):
        wander = (t % 200 > 128) & (t % 200 < 131)  # a detour right after the watch; it may itself end some episodes
        action = rng.integers(8, size=64) if wander else env.expert_action()
        *_, terminated, truncated, info = env.step(action)
        assert not truncated.any()
        if terminated.any() and not wander:
            ends += terminated.sum()
            successes += info["final_info"]["success"].sum()
            failures += (~info["final_info"]["success"][terminated]).sum()
    assert ends > 60
    assert (successes, failures) == (ends, 0)


@pytest.mark.parametrize("dances", [2, 8])
def test_a_fixed_choice_succeeds_by_chance(dances: int) -> None:
    """Always walking to the dancer of the first solo is right once in n."""
    env = make(2000, dances=dances, delay=1, observation="symbolic")
    env.reset(seed=0)
    home = np.array(PLACES)[env.task.episode.home[:, 0]]
    direction = [int(np.flatnonzero((3 * np.array(d) == h - 5).all(1))[0]) for h, d in zip(home, [_COMPASS] * 2000)]
    for _ in range(dances * 16 + 3):
        _, reward, terminated, *_ = env.step(np.array(direction))
    assert terminated.all()
    assert abs(reward.mean() - 1 / dances) < 4 * np.sqrt(0.25 / 2000)


_COMPASS = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]


def test_the_cast_is_drawn_without_replacement_and_uniformly() -> None:
    env = make(3000, dances=3, observation="symbolic")
    env.reset(seed=0)
    episode = env.task.episode
    for name, size in (("home", 8), ("dance", 13), ("shape", 15), ("colour", 19)):
        drawn = getattr(episode, name)
        assert all(len(set(row)) == 3 for row in drawn.tolist())
        counts = np.bincount(drawn.ravel(), minlength=size)
        assert len(counts) == size
        assert counts.min() > 0.8 * 9000 / size
    assert np.bincount(episode.target).min() > 900


def test_resumes_with_its_pictures() -> None:
    env = make(2, AutoresetMode.SAME_STEP, dances=2, delay=1)
    env.reset(seed=0)
    for _ in range(40):
        env.step(np.array([1, 4]))
    saved = env.state_dict()
    other = make(2, AutoresetMode.SAME_STEP, dances=2, delay=1)
    other.reset(seed=9)
    other.load_state_dict(saved)
    np.testing.assert_array_equal(other.observe()["pixels"], env.observe()["pixels"])


def test_render_shows_the_picture_in_either_mode() -> None:
    frames = []
    for kind in ("pixels", "symbolic"):
        env = gym.make("robomem/Ballet4Delay16-v0", render_mode="rgb_array", observation=kind)
        observation, _ = env.reset(seed=5)
        for _ in range(20):
            observation, *_ = env.step(0)
        frames.append(env.render())
    assert frames[0].shape == (396, 396, 3)
    np.testing.assert_array_equal(frames[0], frames[1])
    env = gym.make("robomem/Ballet4Delay16-v0", render_mode="rgb_array")
    observation, _ = env.reset(seed=5)
    np.testing.assert_array_equal(env.render()[::4, ::4], observation["pixels"])


@pytest.mark.parametrize(
    "options", [{"dances": 0}, {"dances": 9}, {"delay": 0}, {"observation": "pixel"}, {"max_steps": 10}]
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Ballet(**options)


def test_a_long_delay_leaves_time_to_choose() -> None:
    assert Ballet(8, 128).max_steps == 8 * 143 + 72
    assert Ballet(8, 16).max_steps == 320
    assert Ballet(2, 48).max_steps == Ballet(2, 1).max_steps == 1024
