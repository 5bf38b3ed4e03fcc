"""SB3VecEnv tells SB3 what the gymnasium environment did, and can be saved."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import tiny_runs  # noqa: F401  registers robomem-tests/Fragile-v0
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import CheckpointError, EnvironmentFault
from robomem.rollout import make_vector
from robomem.train.vec_env import SB3VecEnv

FRAGILE = "robomem-tests/Fragile-v0"
NAMES: list[tuple[str, dict[str, Any]]] = [
    ("CartPole-v1", {}),
    ("Pendulum-v1", {}),
    ("FrozenLake-v1", {}),
    (FRAGILE, {"when": 10**9}),
    ("recall-reach", {"delay": 2, "reach_steps": 4}),
]


def make(name: str, num_envs: int = 3, **kwargs: Any) -> SB3VecEnv:
    env = SB3VecEnv(make_vector(name, num_envs, autoreset="same_step", **kwargs), name)
    env.seed(7)
    return env


def actions(env: SB3VecEnv, count: int, seed: int = 0) -> list[np.ndarray]:
    space = gym.vector.utils.batch_space(env.action_space, env.num_envs)
    space.seed(seed)
    return [space.sample() for _ in range(count)]


def play(env: SB3VecEnv, count: int) -> None:
    for action in actions(env, count):
        env.step(action)


def same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(same(ours[name], theirs[name]) for name in ours)
    return ours.dtype == theirs.dtype and np.array_equal(ours, theirs)


@pytest.mark.parametrize(("name", "kwargs"), NAMES, ids=[name for name, _ in NAMES])
def test_rows_are_single_environments(name: str, kwargs: dict[str, Any]) -> None:
    """Returns, lengths, ends and last observations are those of gymnasium's single environments."""
    env = make(name, **kwargs)
    seen = env.reset()
    spec = env.env.spec.id if env.env.spec else name
    singles = [gym.make(spec, **kwargs) for _ in range(env.num_envs)]
    now = [single.reset(seed=seed)[0] for single, seed in zip(singles, env._begun_with)]
    tally = [[0.0, 0] for _ in singles]
    for action in actions(env, 60):
        seen, rewards, dones, infos = env.step(action)
        assert rewards.dtype == np.float32
        for row, single in enumerate(singles):
            now[row], reward, terminated, truncated, info = single.step(action[row])
            assert rewards[row] == np.float32(reward)
            assert dones[row] == (terminated or truncated)
            tally[row][0] += float(reward)
            tally[row][1] += 1
            if not dones[row]:
                assert infos[row] == {}
            else:
                assert infos[row]["episode"]["r"] == pytest.approx(tally[row][0])
                assert infos[row]["episode"]["l"] == tally[row][1]
                assert infos[row]["TimeLimit.truncated"] == (truncated and not terminated)
                verdict = info.get("success", info.get("is_success"))
                assert infos[row].get("is_success") == (None if verdict is None else bool(verdict))
                last = infos[row]["terminal_observation"]
                for one, other in zip(_parts(last), _parts(now[row])):
                    np.testing.assert_array_equal(one, other)
                now[row], tally[row] = single.reset()[0], [0.0, 0]
            batch = {key: part[row] for key, part in seen.items()} if isinstance(seen, dict) else seen[row]
            for one, other in zip(_parts(batch), _parts(now[row])):
                np.testing.assert_array_equal(one, other)


def _parts(observation: Any) -> list[Any]:
    return [observation[name] for name in sorted(observation)] if isinstance(observation, dict) else [observation]


@settings(max_examples=8)
@given(
    before=st.integers(0, 25), after=st.integers(1, 25), which=st.integers(0, len(NAMES) - 1), seed=st.integers(0, 99)
)
def test_a_loaded_state_goes_on_as_if_nothing_happened(before: int, after: int, which: int, seed: int) -> None:
    name, kwargs = NAMES[which]
    one, other = make(name, **kwargs), make(name, **kwargs)
    other.seed(seed)
    played = actions(one, before + after, seed)
    present = one.reset()
    other.reset()
    for action in played[:before]:
        present = one.step(action)[0]
        other.step(action[::-1].copy())
    computed = other.load_state_dict({key: array.copy() for key, array in one.state_dict().items()})
    assert computed is None or same(computed, present)
    for action in played[before:]:
        ours, theirs = one.step(action), other.step(action)
        assert same(ours[0], theirs[0])
        assert same(ours[1], theirs[1])
        assert same(ours[2], theirs[2])
        for our, their in zip(ours[3], theirs[3]):
            assert our.keys() == their.keys()
            if "episode" in our:
                assert our["episode"]["r"] == their["episode"]["r"]
                assert our["episode"]["l"] == their["episode"]["l"]


def test_a_state_of_something_else_is_refused() -> None:
    cart, arm, pair = make("CartPole-v1"), make("recall-reach"), make("CartPole-v1", 2)
    for env in (cart, arm, pair):
        env.reset()
    for state, env in [(cart.state_dict(), arm), (arm.state_dict(), cart), (pair.state_dict(), cart)]:
        with pytest.raises(CheckpointError):
            env.load_state_dict(state)


def test_rows_and_runs_have_seeds_of_their_own() -> None:
    env = make("CartPole-v1", 8)
    seeds = [tuple(env.seed(seed)) for seed in range(20)]
    assert len({seed for row in seeds for seed in row}) == 160


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("observation", r"NaN or infinity as observation 'eye', in environment 0 of 2 at step 3 "),
        ("reward", "as reward"),
    ],
)
def test_what_is_not_finite_is_named(where: str, message: str) -> None:
    env = make(FRAGILE, 2, where=where, when=10)
    env.reset()
    with pytest.raises(EnvironmentFault, match=rf"Fragile-v0 returned .*{message}"):
        play(env, 20)


def test_a_last_observation_is_checked_too() -> None:
    env = make(FRAGILE, 2, when=14)  # the last step of the second episode
    env.reset()
    with pytest.raises(EnvironmentFault, match="at step 7 of its episode"):
        play(env, 20)


def test_the_last_observation_of_an_episode_that_says_it_diverged_may_be_anything() -> None:
    env = make(FRAGILE, 2, where="diverged", when=10**9)
    env.reset()
    play(env, 20)


def test_sb3_can_ask_what_it_asks() -> None:
    for name in ("CartPole-v1", "recall-reach"):
        env = make(name)
        assert env.get_attr("render_mode") == [None] * 3
        assert env.get_attr("render_mode", 1) == [None]
        assert env.env_is_wrapped(gym.Wrapper) == [False] * 3
        env.close()
