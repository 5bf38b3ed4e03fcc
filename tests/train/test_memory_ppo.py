"""MemoryPPO as an algorithm: it is deterministic, resumes to the bit, bootstraps rightly, and plays by SB3's rules."""

from __future__ import annotations

import json
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch
from stable_baselines3.common.callbacks import BaseCallback, EvalCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.logger import configure
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from robomem import policy as policy_files
from robomem import sequence
from robomem.errors import CheckpointError, ConfigError, RobomemError, UnknownNameError
from robomem.train.memory_ppo import MemoryPPO
from robomem.train.ppo_config import PPOConfig
from robomem.train.ppo_loss import STATISTICS, ppo_loss
from robomem.train.rollout_storage import RolloutStorage

SMALL = PPOConfig(rollout_steps=12, epochs=2, minibatches=2, learning_rate=1e-3, schedule="constant")
MEMORIES = sorted(sequence.memories)


class Clockwork(gym.Env[np.ndarray, np.ndarray]):
    """Deterministic, cut off after 5 steps; the observation is [steps so far, number of the environment]."""

    observation_space = gym.spaces.Box(-100, 100, (2,), np.float32)
    action_space = gym.spaces.Box(-2, 2, (1,), np.float32)

    def __init__(self, number: int = 0) -> None:
        self.number = number

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.clock = 0
        return self._see(), {}

    def step(self, action: np.ndarray) -> Any:
        self.clock += 1
        return self._see(), float(action[0]) - self.clock, False, self.clock == 5 + self.number, {}

    def _see(self) -> np.ndarray:
        return np.array([self.clock, self.number], np.float32)


def clockworks(count: int = 3) -> VecEnv:
    return DummyVecEnv([lambda number=number: Clockwork(number) for number in range(count)])


def learner(memory: str = "gru", config: PPOConfig = SMALL, seed: int = 0, **kwargs: Any) -> MemoryPPO:
    return MemoryPPO("recall", clockworks(), config=config, policy_kwargs={"memory": memory, **kwargs}, seed=seed)


def states(algorithm: MemoryPPO) -> dict[str, np.ndarray]:
    return {
        f"{group}/{name}": array
        for group, arrays in algorithm.checkpoint_state().items()
        for name, array in arrays.items()
        if not name.startswith("episode.t")
    }


def assert_identical(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> None:
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@pytest.mark.parametrize("memory", MEMORIES)
def test_equal_seeds_learn_identically_and_other_seeds_do_not(memory: str) -> None:
    one, two, other = learner(memory), learner(memory), learner(memory, seed=1)
    for algorithm in (one, two, other):
        algorithm.learn(72)
    assert_identical(states(one), states(two))
    weight = "weights/action.layer.weight"
    assert not np.array_equal(states(one)[weight], states(other)[weight])


class Envs:
    """Keeps and restores the clockworks' state, as a resumable environment does."""

    @staticmethod
    def clocks(algorithm: MemoryPPO) -> list[int]:
        assert algorithm.env is not None
        return algorithm.env.get_attr("clock")

    @staticmethod
    def rewind(algorithm: MemoryPPO, clocks: list[int]) -> None:
        assert algorithm.env is not None
        for index, clock in enumerate(clocks):
            algorithm.env.set_attr("clock", clock, index)


@pytest.mark.parametrize("memory", MEMORIES)
def test_resumes_to_the_bit(memory: str) -> None:
    config = PPOConfig(rollout_steps=12, epochs=2, minibatches=2, schedule="linear")
    whole = learner(memory, config)
    whole.learn(144)

    broken = learner(memory, config)
    saved: dict[str, Any] = {}

    class SaveHalfway(BaseCallback):
        def _on_rollout_start(self) -> None:
            if self.num_timesteps == 72:
                saved["groups"] = self.model.checkpoint_state()  # type: ignore[attr-defined]
                saved["clocks"] = Envs.clocks(self.model)  # type: ignore[arg-type]

        def _on_step(self) -> bool:
            return True

    broken.learn(144, callback=SaveHalfway())
    assert_identical(states(whole), states(broken))

    resumed = learner(memory, config, seed=99)
    assert resumed.env is not None
    resumed.env.reset()
    Envs.rewind(resumed, saved["clocks"])
    resumed.load_checkpoint_state(saved["groups"])
    resumed.learn(72, reset_num_timesteps=False)
    assert_identical(states(whole), states(resumed))


def test_a_checkpoint_in_the_middle_of_a_rollout_is_refused() -> None:
    class Meddle(BaseCallback):
        def _on_step(self) -> bool:
            with pytest.raises(CheckpointError, match="half done"):
                self.model.checkpoint_state()  # type: ignore[attr-defined]
            return False

    learner().learn(36, callback=Meddle())


def test_a_checkpoint_of_another_network_is_refused_and_changes_nothing() -> None:
    other, algorithm = learner(heads=(8,)), learner()
    before = states(algorithm)
    with pytest.raises(CheckpointError, match="weights"):
        algorithm.load_checkpoint_state(other.checkpoint_state())
    fewer = MemoryPPO("recall", clockworks(2), config=SMALL, policy_kwargs={"memory": "gru"})
    with pytest.raises(CheckpointError, match="memory"):
        algorithm.load_checkpoint_state(fewer.checkpoint_state())
    with pytest.raises(CheckpointError, match="lacks"):
        algorithm.load_checkpoint_state({"weights": {}})
    assert_identical(states(algorithm), before)


class Record(BaseCallback):
    """Keeps the storage of the first rollout."""

    def _on_rollout_end(self) -> None:
        self.storage = self.model.rollout_buffer  # type: ignore[attr-defined]

    def _on_step(self) -> bool:
        return True


def test_cut_off_episodes_are_worth_what_would_have_come() -> None:
    """The last reward of a truncated episode holds the value of its last observation, seen with its own memory."""
    algorithm = learner(config=PPOConfig(rollout_steps=5, epochs=1, minibatches=1))
    actions: list[np.ndarray] = []
    env = algorithm.env
    assert env is not None
    step = env.step
    env.step = lambda action: (actions.append(action), step(action))[1]  # type: ignore[method-assign]
    weights = {name: tensor.clone() for name, tensor in algorithm.policy.state_dict().items()}
    record = Record()
    algorithm.learn(15, callback=record)
    algorithm.policy.load_state_dict(weights)

    memory = algorithm.policy.initial_memory(1)
    for clock in range(6):  # environment 0 is cut off when its clock is 5
        seen = algorithm.policy.tensors(np.array([[clock, 0]], np.float32))
        reset = torch.tensor([clock == 0])
        value = algorithm.policy.value(seen, memory, reset)
        *_, memory = algorithm.policy.act(seen, memory, reset, torch.Generator())
    reward = record.storage._columns["reward"]
    plain = np.array([float(action[0, 0]) - clock for clock, action in enumerate(actions, 1)])
    np.testing.assert_allclose(reward[0, :4], plain[:4], rtol=1e-5)
    np.testing.assert_allclose(reward[0, 4], plain[4] + 0.99 * value.item(), rtol=1e-4)
    assert record.storage._columns["ended"].tolist() == [[False] * 4 + [True], [False] * 5, [False] * 5]
    assert record.storage._columns["reset"][:, 0].all()


def test_before_the_first_step_of_an_update_every_ratio_is_one() -> None:
    algorithm = learner("hcam")
    algorithm.learn(36)
    algorithm.set_logger(configure(None, []))

    class Judge(BaseCallback):
        def _on_rollout_end(self) -> None:
            model: Any = self.model
            _, statistics = ppo_loss(model.policy, model.rollout_buffer.sequences(torch.arange(3)), model.config)
            self.report = dict(zip(STATISTICS, statistics.tolist()))

        def _on_step(self) -> bool:
            return True

    judge = Judge()
    algorithm.learn(36, callback=judge, reset_num_timesteps=False)
    assert judge.report["approx_kl"] == pytest.approx(0, abs=1e-5)
    assert judge.report["clip_fraction"] == 0


def test_a_linear_schedule_ends_after_the_last_update(tmp_path: Any) -> None:
    algorithm = learner(config=PPOConfig(rollout_steps=12, epochs=1, learning_rate=0.04, schedule="linear"))
    algorithm.set_logger(configure(str(tmp_path), ["json"]))
    algorithm.learn(144)
    rates = [json.loads(line).get("train/learning_rate") for line in (tmp_path / "progress.json").open()]
    assert rates[1:] == pytest.approx([0.04, 0.03, 0.02])  # each is written with the next rollout's line
    assert algorithm.optimizer.param_groups[0]["lr"] == pytest.approx(0.01)


def test_the_kl_limit_ends_an_update() -> None:
    free = learner(config=PPOConfig(rollout_steps=12, epochs=9, minibatches=3, learning_rate=0.05))
    bound = learner(config=PPOConfig(rollout_steps=12, epochs=9, minibatches=3, learning_rate=0.05, target_kl=1e-3))
    for algorithm in (free, bound):
        algorithm.learn(36)
    assert free._n_updates == 9
    assert bound._n_updates < 5


def test_a_gradient_that_is_not_finite_stops_training_with_the_weights_whole() -> None:
    algorithm = learner()
    algorithm.learn(36)
    before = {name: tensor.clone() for name, tensor in algorithm.policy.state_dict().items()}
    algorithm.rollout_buffer._columns["advantage"][0, 0] = torch.inf
    with pytest.raises(RobomemError, match="not finite"):
        algorithm._epochs()
    for name, tensor in algorithm.policy.state_dict().items():
        assert torch.isfinite(tensor).all() or not torch.isfinite(before[name]).all(), name


def test_callbacks_logger_and_files_of_stable_baselines_work(tmp_path: Any) -> None:
    env = make_vec_env("CartPole-v1", 2, seed=0)
    algorithm = MemoryPPO("recall", env, config=PPOConfig(rollout_steps=32, epochs=1))
    algorithm.set_logger(configure(str(tmp_path), ["csv"]))
    held_out = make_vec_env("CartPole-v1", 1, seed=1, env_kwargs={"max_episode_steps": 20})
    callback = EvalCallback(held_out, eval_freq=32, n_eval_episodes=2, best_model_save_path=str(tmp_path), verbose=0)
    algorithm.learn(128, callback=callback)
    header = (tmp_path / "progress.csv").read_text().splitlines()[0]
    for key in ("rollout/ep_rew_mean", "train/approx_kl", "train/value_loss", "train/learning_rate"):
        assert key in header
    best = policy_files.load(tmp_path / "best_model")
    assert best.predict(held_out.reset())[0].shape == (1,)
    with pytest.raises(CheckpointError, match=r"robomem\.policy\.load"):
        MemoryPPO.load(tmp_path / "best_model")


def test_images_stay_channels_last() -> None:
    class Camera(Clockwork):
        observation_space = gym.spaces.Box(0, 255, (9, 10, 3), np.uint8)  # type: ignore[assignment]

        def _see(self) -> np.ndarray:
            return np.full((9, 10, 3), self.clock, np.uint8)

    algorithm = MemoryPPO(
        "recall", DummyVecEnv([Camera] * 2), config=PPOConfig(rollout_steps=7, epochs=1, reconstruction_coef=0.1)
    )
    algorithm.learn(14)
    assert algorithm.observation_space.shape == (9, 10, 3)
    assert algorithm.rollout_buffer.observation["observation"].dtype == torch.uint8
    assert algorithm.policy.config()["reconstruction"] is True


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="learning_rate"):
        PPOConfig(learning_rate=0)
    with pytest.raises(ConfigError, match="schedule"):
        PPOConfig(schedule="cosine")  # type: ignore[arg-type]
    with pytest.raises(UnknownNameError, match="recall"):
        MemoryPPO("recal", clockworks())


def test_a_rollout_keeps_its_first_memories_though_acting_overwrites_them() -> None:
    memory = {"trace": torch.zeros(2, 3)}
    storage = RolloutStorage(2, 4)
    storage.begin(memory)
    memory["trace"] += 1
    assert not storage.memory["trace"].any()
