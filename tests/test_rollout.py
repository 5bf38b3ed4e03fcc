"""Laws of playing episodes."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

import gymnasium as gym
import imageio.v2 as imageio
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from robomem.errors import ConfigError, EnvironmentFault, SpaceError, UnknownNameError
from robomem.rollout import EpisodeRow, film, make_vector, play, sanity_actors
from robomem.rollout.environments import _kebab


class Balance:
    """A CartPole policy with a memory: pushes towards where the pole falls, counts its own steps row by row."""

    kind: ClassVar[str] = "test-balance"
    observation_space = gym.make("CartPole-v1").observation_space
    action_space = gym.spaces.Discrete(2)

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.counted: list[int] = []

    def predict(self, observation: Any, state: Any = None, episode_start: Any = None, deterministic: bool = False):
        count = np.zeros(len(observation), np.int64) if state is None else state["count"]
        count = np.where(episode_start, 0, count) + 1
        self.batches.append(len(observation))
        self.counted.extend(count.tolist())
        # Every 20th step goes the wrong way, so that memory matters and lengths differ between seeds.
        push = (observation[:, 2] > 0) ^ (count % 20 == 0)
        return push.astype(np.int64), {"count": count}


def reference(seed: int) -> tuple[float, int]:
    """One episode by the plainest loop there is."""
    env, policy = gym.make("CartPole-v1"), Balance()
    observation, _ = env.reset(seed=seed)
    state, total, steps, done = None, 0.0, 0, False
    while not done:
        action, state = policy.predict(observation[None], state, np.array([steps == 0]), True)
        observation, reward, terminated, truncated, _ = env.step(action[0])
        total, steps, done = total + float(reward), steps + 1, terminated or truncated
    return total, steps


SEEDS = [11, 3, 7, 5, 2, 13, 1, 19, 23]


def test_rows_equal_the_plain_loop_for_any_number_of_environments() -> None:
    expected = [reference(seed) for seed in SEEDS]
    assert len(set(expected)) > 3
    for num_envs in (1, 2, 4, 9, 16):
        rows = play(Balance(), "CartPole-v1", SEEDS, num_envs=num_envs)
        assert [(row.return_, row.length) for row in rows] == expected
        assert [row.seed for row in rows] == SEEDS


def test_the_policy_sees_active_rows_alone_and_memories_stay_with_their_episode() -> None:
    policy = Balance()
    rows = play(policy, "CartPole-v1", SEEDS, num_envs=4)
    assert sum(policy.batches) == sum(row.length for row in rows), "no call for an idle row"
    assert policy.batches[0] == 4
    assert policy.batches[-1] < 4
    expected = sorted(step for row in rows for step in range(1, row.length + 1))
    assert sorted(policy.counted) == expected


@pytest.mark.parametrize("name", ["random", "zero"])
@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_sanity_agents_do_not_depend_on_the_number_of_environments(name: str, env_id: str) -> None:
    one = play(sanity_actors[name](), env_id, SEEDS[:5], num_envs=1)
    assert play(sanity_actors[name](), env_id, SEEDS[:5], num_envs=3) == one
    assert name == "zero" or len({row.return_ for row in one}) > 1


def test_verdicts_and_endings_are_read_from_the_environment() -> None:
    rows = play(sanity_actors["zero"](), "Pendulum-v1", [1, 2])
    assert [(row.terminated, row.truncated, row.length, row.success) for row in rows] == [(False, True, 200, None)] * 2


class Scripted(gym.Env):
    """Ends after ``seed % 5 + 1`` steps with a success when the seed is even; can return NaN."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 30}
    observation_space = gym.spaces.Dict({"x": gym.spaces.Box(-1, 1, (2,), np.float32)})
    action_space = gym.spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, nan_at: int = -1, where: str = "observation", render_mode: str | None = None) -> None:
        self.nan_at, self.where, self.render_mode = nan_at, where, render_mode

    def _see(self, bad: bool) -> dict[str, Any]:
        return {"x": np.full(2, np.nan if bad else 0.5, np.float32)}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None):
        super().reset(seed=seed)
        assert seed is not None, "every episode has a seed of its own"
        self.seed, self.steps = seed, 0
        return self._see(False), {}

    def expert_action(self) -> Any:
        return np.array([0.25 * (self.seed % 3)], np.float32)

    def step(self, action: Any):
        self.steps += 1
        end, bad = self.steps > self.seed % 5, self.steps == self.nan_at
        info = {"success": self.seed % 2 == 0, "diverged": self.seed == 4} if end and self.seed != 8 else {}
        reward = float("nan") if bad and self.where == "reward" else float(action[0])
        return self._see(bad and self.where == "observation"), reward, end, False, info

    def render(self) -> Any:
        return np.full((33, 48, 3), 20 * self.steps, np.uint8)


@pytest.fixture(autouse=True, scope="module")
def _scripted() -> Any:
    gym.register("robomem/ScriptedThing-v0", Scripted)
    gym.register("robomem/ScriptedThing-v1", Scripted)
    yield
    del gym.registry["robomem/ScriptedThing-v0"], gym.registry["robomem/ScriptedThing-v1"]


def test_success_and_divergence_come_from_the_last_step_of_their_own_episode() -> None:
    rows = play(sanity_actors["expert"](), "scripted-thing", list(range(1, 9)), num_envs=4)
    assert [row.success for row in rows] == [*(seed % 2 == 0 for seed in range(1, 8)), None]
    assert [row.length for row in rows] == [seed % 5 + 1 for seed in range(1, 9)]
    assert [row.diverged for row in rows] == [seed == 4 for seed in range(1, 9)]
    np.testing.assert_allclose([row.return_ for row in rows], [0.25 * (s % 3) * (s % 5 + 1) for s in range(1, 9)])


def test_no_verdict_is_no_failure_also_beside_an_episode_that_has_one() -> None:
    rows = play(sanity_actors["zero"](), "scripted-thing", [3, 8], num_envs=2)
    assert [(row.length, row.success) for row in rows] == [(4, False), (4, None)]


@pytest.mark.parametrize("where", ["observation", "reward"])
def test_nan_from_the_environment_is_named_with_the_seed_that_shows_it(where: str) -> None:
    with pytest.raises(EnvironmentFault, match=r"ScriptedThing-v1.*(part 'x'|reward).*seed 9 near step 2"):
        play(
            sanity_actors["zero"](),
            "scripted-thing",
            [5, 9],
            num_envs=2,
            env_kwargs={"nan_at": 2 if where == "observation" else 3, "where": where},
        )


def test_a_policy_for_another_environment_is_refused() -> None:
    with pytest.raises(SpaceError, match=r"made for observations Box\[4\] float32; this environment has Box\[3\]"):
        play(Balance(), "Pendulum-v1", [1])


def test_a_policy_that_returns_nan_is_refused() -> None:
    class Broken(Balance):
        observation_space = gym.make("Pendulum-v1").observation_space
        action_space = gym.make("Pendulum-v1").action_space

        def predict(self, observation: Any, *args: Any):
            return np.full((len(observation), 1), np.nan, np.float32), None

    with pytest.raises(SpaceError, match="not finite"):
        play(Broken(), "Pendulum-v1", [1])


def test_no_expert_is_said_plainly() -> None:
    with pytest.raises(ConfigError, match="CartPole-v1 has no expert_action"):
        play(sanity_actors["expert"](), "CartPole-v1", [1])


def test_unknown_environments_get_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'scripted-thing'"):
        make_vector("scripted-thin", 1)
    with pytest.raises(UnknownNameError, match="CartPole-v1"):
        make_vector("CartPol-v1", 1)


def test_refused_arguments_name_the_accepted_ones() -> None:
    with pytest.raises(ConfigError, match=r"nan_att.*It takes: nan_at, where, render_mode"):
        make_vector("scripted-thing", 1, nan_att=3)
    with pytest.raises(ConfigError, match="num_envs is 0"):
        make_vector("CartPole-v1", 0)


@pytest.mark.parametrize("mode", ["disabled", "same_step", "next_step"])
def test_autoreset_mode_is_the_one_asked_for(mode: Any) -> None:
    env = make_vector("CartPole-v1", 2, autoreset=mode)
    assert env.metadata["autoreset_mode"] == AutoresetMode[mode.upper()]


def test_short_names_mean_the_newest_version() -> None:
    env = make_vector("scripted-thing", 1)
    assert env.spec is not None
    assert env.spec.id == "robomem/ScriptedThing-v1"
    assert [_kebab(name) for name in ("RecallReach", "Pick2Place", "ABTest")] == [
        "recall-reach",
        "pick2-place",
        "abtest",
    ]


def test_film_holds_every_frame_and_the_same_rows(tmp_path: Any) -> None:
    path = tmp_path / "deep" / "film.mp4"
    seeds = [3, 6]
    rows = film(sanity_actors["expert"](), "scripted-thing", seeds, path, caption=lambda e, t: f"{e} {t}")
    assert rows == play(sanity_actors["expert"](), "scripted-thing", seeds, num_envs=2)
    frames = [frame for frame in imageio.get_reader(path)]
    assert len(frames) == sum(row.length + 1 for row in rows)
    assert frames[0].shape == (32, 48, 3)
    assert [entry.name for entry in path.parent.iterdir()] == ["film.mp4"]


def test_a_failed_film_leaves_nothing_behind(tmp_path: Any) -> None:
    with pytest.raises(EnvironmentFault):
        film(sanity_actors["zero"](), "scripted-thing", [9], tmp_path / "film.mp4", env_kwargs={"nan_at": 2})
    assert list(tmp_path.iterdir()) == []


def test_rows_survive_json() -> None:
    row = EpisodeRow(3, 1.5, 7, True, True, False, False)
    assert row.to_json()["return"] == 1.5
    assert EpisodeRow.from_json(copy.deepcopy(row.to_json())) == row


def test_no_seeds_no_rows() -> None:
    assert play(Balance(), "CartPole-v1", []) == []


def test_progress_counts_to_the_end() -> None:
    seen: list[tuple[int, int]] = []
    play(Balance(), "CartPole-v1", SEEDS[:4], num_envs=3, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
