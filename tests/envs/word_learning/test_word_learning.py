"""Word learning asks for what was shown, and nothing but memory answers."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import robomem_envs  # noqa: F401 (registers)
from robomem.errors import ConfigError
from robomem_envs.ballet.looks import COLOURS, SHAPES
from robomem_envs.engine import TaskVectorEnv
from robomem_envs.word_learning import WordLearning
from robomem_envs.word_learning.task import WORDS


def make(num_envs: int, **options: Any) -> TaskVectorEnv:
    return TaskVectorEnv("robomem_envs.word_learning:WordLearning", num_envs, AutoresetMode.DISABLED, **options)


def objects(observation: dict[str, np.ndarray], row: int) -> list[tuple[float, ...]]:
    """What lies in the slots, without empty ones."""
    slots = observation["objects"][row].reshape(-1, 8)
    return [tuple(slot.tolist()) for slot in slots if slot[0] == 1]


def show(env: TaskVectorEnv) -> tuple[list[dict[int, tuple[float, ...]]], list[list[int]], dict[str, np.ndarray]]:
    """Watch: what each word was said to mean, the words in order, and the question."""
    observation, _ = env.reset(seed=1)
    meaning: list[dict[int, tuple[float, ...]]] = [{} for _ in range(env.num_envs)]
    said: list[list[int]] = [[] for _ in range(env.num_envs)]
    for t in range(env.task.go_at):
        for row in range(env.num_envs):
            (look,) = objects(observation, row)
            word = int(observation["instruction"][row, 0])
            if t % env.task.show_steps == 0:
                said[row].append(word)
                meaning[row][word] = look
            assert said[row][-1] == word
        observation, reward, terminated, truncated, _ = env.step(np.full(env.num_envs, t % env.task.objects))
        assert not (terminated | truncated).any()
        assert not reward.any()
    return meaning, said, observation


@pytest.mark.parametrize(("distractors", "number", "steps"), [(0, 3, 2), (1, 3, 1), (4, 2, 3), (10, 6, 1)])
def test_memory_of_what_was_said_answers(distractors: int, number: int, steps: int) -> None:
    """A reader with a dictionary, who sees observations alone, always succeeds."""
    env = make(40, distractors=distractors, objects=number, show_steps=steps)
    meaning, said, question = show(env)
    choice = []
    for row in range(40):
        asked, shown = int(question["instruction"][row, 0]), objects(question, row)
        own, others = said[row][:number], said[row][number:]
        assert asked in own
        assert len(set(own)) == number
        assert not set(own) & set(others)
        assert len(others) == distractors * number
        assert all(0 <= word < WORDS for word in said[row])
        assert sorted(shown) == sorted(meaning[row][word] for word in own)
        assert len(set(shown)) == number
        assert not set(shown) & {meaning[row][word] for word in others}
        choice.append(shown.index(meaning[row][asked]))
    assert env.expert_action().tolist() == choice
    _, reward, terminated, truncated, info = env.step(np.array(choice))
    assert terminated.all()
    assert not truncated.any()
    assert (reward == 1).all()
    assert info["success"].all()


def test_a_wrong_pick_ends_without_reward() -> None:
    env = make(30)
    show(env)
    _, reward, terminated, _, info = env.step((env.expert_action() + 1) % 3)
    assert terminated.all()
    assert not reward.any()
    assert not info["success"].any()


@pytest.mark.parametrize("number", [2, 3, 6])
def test_guesses_succeed_by_chance(number: int) -> None:
    """Whether by slot, or by the order in which the objects were named."""
    batch = 1500
    env = make(batch, objects=number, distractors=0)
    env.reset(seed=0)
    bound = 4 * np.sqrt(0.25 / batch)
    for _ in range(env.task.go_at):
        env.step(np.zeros(batch, np.int64))
    first_named = env.task.episode.slot.argmin(axis=1)
    assert abs((env.task.episode.asked == 0).mean() - 1 / number) < bound
    assert abs((first_named == env.expert_action()).mean() - 1 / number) < bound
    assert abs((env.expert_action() == 0).mean() - 1 / number) < bound
    assert env.chance == 1 / number


def test_looks_are_told_apart_and_words_mean_anything() -> None:
    env = make(2000, distractors=2)
    env.reset(seed=0)
    episode = env.task.episode
    assert np.bincount(episode.word.ravel(), minlength=WORDS).min() > 0.8 * 2000 * 9 / WORDS
    shape, colour = np.divmod(episode.kind[:, :3], len(COLOURS))
    assert all(len(set(row)) == 3 for row in [*shape.tolist(), *colour.tolist()])
    assert episode.kind.max() == len(SHAPES) * len(COLOURS) - 1
    assert len(np.unique(episode.slot, axis=0)) == 6, "the order in the question must not be that of the naming"
    assert len(np.unique(episode.kind)) == len(SHAPES) * len(COLOURS)


def test_renders_naming_and_question() -> None:
    env = gym.make("robomem/WordLearning-v0", render_mode="rgb_array", distractors=0)
    env.reset(seed=0)
    naming = env.render()
    for _ in range(6):
        env.step(0)
    question = env.render()
    assert naming.shape == question.shape
    assert naming.dtype == np.uint8
    assert (question > 0).sum() > (naming > 0).sum()


@pytest.mark.parametrize("options", [{"distractors": -1}, {"objects": 1}, {"objects": 7}, {"show_steps": 0}])
def test_impossible_options_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        WordLearning(**options)
