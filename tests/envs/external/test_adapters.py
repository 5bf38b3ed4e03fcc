"""What adapters mend, on small stand-ins for the packages they adapt."""

from __future__ import annotations

import sys
import types
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import pytest

from robomem.errors import ConfigError
from robomem_envs.external import gymnasium_robotics, memory_gym, metaworld

BOX = gym.spaces.Box(-1, 1, (2,), np.float64)


class Sawyer(gym.Env[Any, Any]):
    """Meta-World's habits: no goal before set_task, the seed of reset ignored, success only while it lasts."""

    action_space = BOX
    observation_space = BOX

    def __init__(self, render_mode: str | None = None) -> None:
        self._set_task_called, self.seeded_rand_vec, self._freeze_rand_vec = False, False, True
        self._partially_observable = True

    @property
    def sawyer_observation_space(self) -> gym.Space[Any]:
        return gym.spaces.Box(-1, 1, (2 if self._partially_observable else 3,), np.float64)

    def seed(self, seed: int) -> None:
        self.draw = np.random.default_rng(seed)

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        assert self._set_task_called
        assert self.seeded_rand_vec
        assert not self._freeze_rand_vec
        self.t = 0
        return self.draw.uniform(-1, 1, self.sawyer_observation_space.shape), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.t += 1
        return np.zeros(3), 0.0, False, self.t == 4, {"success": float(self.t == 2)}


@pytest.fixture
def sawyer(monkeypatch: pytest.MonkeyPatch) -> None:
    package, module = types.ModuleType("metaworld"), types.ModuleType("metaworld.env_dict")
    module.ALL_V3_ENVIRONMENTS = {"reach-v3": Sawyer}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "metaworld", package)
    monkeypatch.setitem(sys.modules, "metaworld.env_dict", module)


def test_meta_world_is_seeded_and_success_lasts(sawyer: None) -> None:
    env = metaworld.MetaWorld("reach-v3")
    first, again, other = (env.reset(seed=seed)[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert [env.step(BOX.sample())[4]["success"] for _ in range(4)] == [False, True, True, True]
    env.reset(seed=3)
    assert env.step(BOX.sample())[4]["success"] is False


def test_meta_world_shows_its_goal_unless_it_must_be_found_out(sawyer: None) -> None:
    assert metaworld.MetaWorld("reach-v3").observation_space.shape == (3,)
    assert metaworld.MetaWorld("reach-v3", goal_visible=False).observation_space.shape == (2,)


def test_meta_world_may_end_when_the_goal_is_reached(sawyer: None) -> None:
    env = metaworld.MetaWorld("reach-v3", terminate_on_success=True)
    env.reset(seed=3)
    assert [env.step(BOX.sample())[2] for _ in range(2)] == [False, True]


def test_meta_world_refuses_views_that_it_does_not_have(sawyer: None) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'pixels'"):
        metaworld.MetaWorld("reach-v3", observation="pixel")
    with pytest.raises(ConfigError, match="from 16 to 2048"):
        metaworld.MetaWorld("reach-v3", observation="pixels", picture_size=4)


class Mortar(gym.Env[Any, Any]):
    """Memory Gym's habits: reset parameters in the options, a number for success, a display that all share."""

    action_space = gym.spaces.Discrete(2)
    observation_space = gym.spaces.Box(0, 255, (4, 4, 3), np.uint8)
    default_reset_parameters: ClassVar[dict[str, Any]] = {"command_count": [10], "speed": 1}
    display_open = True

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        assert type(self).display_open
        assert set(options) <= set(self.default_reset_parameters)
        return np.zeros((4, 4, 3), np.uint8), {"options": options}

    def step(self, action: Any) -> tuple[Any, int, bool, bool, dict[str, Any]]:
        return np.zeros((4, 4, 3), np.uint8), 1, True, False, {"success": 1}

    def close(self) -> None:
        type(self).display_open = False


@pytest.fixture
def mortar(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(memory_gym, "_import", lambda: None)
    monkeypatch.setattr(Mortar, "display_open", True)
    if "test-mortar/Mortar-v0" not in gym.registry:
        gym.register("test-mortar/Mortar-v0", entry_point=Mortar)
    return "test-mortar/Mortar-v0"


def test_memory_gym_takes_its_parameters_from_the_environment(mortar: str) -> None:
    env = memory_gym.MemoryGym(mortar, command_count=[3])
    assert env.reset(seed=0)[1]["options"] == {"command_count": [3]}
    assert env.reset(options={"speed": 2})[1]["options"] == {"command_count": [3], "speed": 2}
    *_, info = env.step(0)
    assert info["success"] is True
    with pytest.raises(ConfigError, match="Did you mean 'command_count'"):
        memory_gym.MemoryGym(mortar, comand_count=[3])


def test_closing_one_memory_gym_leaves_the_others_their_display(mortar: str) -> None:
    one, other = memory_gym.MemoryGym(mortar), memory_gym.MemoryGym(mortar)
    one.close()
    other.reset(seed=0)


class Kitchen(gym.Env[Any, Any]):
    """Franka Kitchen's habits: what is done is told by lists of names."""

    action_space = BOX
    observation_space = BOX
    goal: ClassVar[dict[str, int]] = {"kettle": 0, "microwave": 1}

    def reset(self, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        self.done: list[str] = []
        return np.zeros(2), {"tasks_to_complete": list(self.goal), "kept": 1}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.done.append(list(self.goal)[len(self.done)])
        left = [name for name in self.goal if name not in self.done]
        info = {"tasks_to_complete": left, "step_task_completions": [], "episode_task_completions": self.done}
        return np.zeros(2), 0.0, not left, False, info


def test_a_kitchen_is_done_when_all_its_tasks_are() -> None:
    env = gymnasium_robotics.KitchenVerdict(Kitchen())
    assert env.reset(seed=0)[1] == {"kept": 1}
    assert env.step(None)[4] == {"success": False, "tasks_completed": 1}
    assert env.step(None)[4] == {"success": True, "tasks_completed": 2}


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        ("gymnasium_robotics.envs.fetch.reach:MujocoFetchReachEnv", True),
        ("gymnasium_robotics.envs.fetch.reach:MujocoPyFetchReachEnv", False),
        ("gymnasium_robotics.envs.mujoco.half_cheetah_v3:HalfCheetahEnv", False),
        ("gymnasium.envs.classic_control:CartPoleEnv", False),
    ],
)
def test_only_what_runs_on_this_mujoco_is_offered(entry: str, kept: bool) -> None:
    assert gymnasium_robotics._on_mujoco(gym.envs.registration.EnvSpec("x/Some-v0", entry_point=entry)) == kept
