from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any, ClassVar

import gymnasium as gym
import imageio.v2 as imageio
import numpy as np
import pytest
import torch

from robomem.errors import CheckpointError, ConfigError, StorageError
from robomem.evaluate import evaluate
from robomem.evaluate.evaluation import Evaluation, episode_seeds, paired
from robomem.evaluate.files import read, write, write_film
from robomem.evaluate.tables import comparison, markdown
from robomem.rollout import EpisodeRow, sanity_actors
from robomem_policies.recall.policy import RecallPolicy


class Coin(gym.Env):
    """One step; a success when the action's sign is that of a hidden coin; guessing gives one half."""

    chance = 0.5
    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 30}
    observation_space = gym.spaces.Box(-1, 1, (1,), np.float32)
    action_space = gym.spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode

    def render(self) -> Any:
        return np.zeros((64, 256, 3), np.uint8)

    def reset(self, *, seed: int | None = None, options: Any = None):
        super().reset(seed=seed)
        self.coin = self.np_random.random() < 0.5
        return np.zeros(1, np.float32), {}

    def step(self, action: Any):
        success = bool((action[0] > 0) == self.coin)
        return np.zeros(1, np.float32), float(success), True, False, {"success": success}


@pytest.fixture(autouse=True, scope="module")
def _coin() -> Any:
    gym.register("test/Coin-v0", Coin)
    yield
    del gym.registry["test/Coin-v0"]


def numbers(evaluation: Evaluation) -> tuple[Any, ...]:
    return evaluation.rows, evaluation.summary()


def test_numbers_do_not_depend_on_num_envs() -> None:
    one, four, sixteen = (
        evaluate(sanity_actors["random"](), "test/Coin-v0", episodes=40, num_envs=n) for n in (1, 4, 16)
    )
    assert numbers(one) == numbers(four) == numbers(sixteen)
    assert one.success is not None
    assert one.success.value == np.mean([row.success for row in one.rows])
    assert 0.25 < one.success.value < 0.75
    assert one.chance == 0.5


def test_sampled_actions_do_not_depend_on_num_envs() -> None:
    torch.manual_seed(0)
    policy = RecallPolicy(Coin().observation_space, Coin().action_space, memory="gru", memory_kwargs={"width": 8})
    one, four, sixteen = (
        evaluate(policy, "test/Coin-v0", episodes=40, num_envs=n, deterministic=False) for n in (1, 4, 16)
    )
    assert numbers(one) == numbers(four) == numbers(sixteen)
    policy.seed(1)
    assert numbers(evaluate(policy, "test/Coin-v0", episodes=40, num_envs=4, deterministic=False)) != numbers(one)


def test_seeds_differ_between_evaluations_and_grow_by_appending() -> None:
    assert episode_seeds(0, 5) == episode_seeds(0, 9)[:5]
    assert not set(episode_seeds(0, 100)) & set(episode_seeds(1, 100))


def test_an_environment_without_verdict_has_no_success_rate() -> None:
    evaluation = evaluate(sanity_actors["zero"](), "CartPole-v1", episodes=3)
    assert evaluation.success is None
    assert evaluation.chance is None
    assert evaluation.summary()["success"] is None
    assert "success rate" not in markdown(evaluation)
    with pytest.raises(ConfigError, match="at least one"):
        evaluate(sanity_actors["zero"](), "CartPole-v1", episodes=0)


def test_files_hold_everything_and_read_back(tmp_path: Path) -> None:
    evaluation = evaluate(sanity_actors["random"](), "test/Coin-v0", episodes=12, seed=3, label="random")
    write(evaluation, tmp_path)
    assert read(tmp_path) == evaluation
    assert read(tmp_path / "evaluation.json") == evaluation
    content = json.loads((tmp_path / "evaluation.json").read_text())
    assert content["result"]["success_low"] < content["result"]["success"] < content["result"]["success_high"]
    assert {"robomem", "python", "gymnasium", "numpy", "torch"} <= set(content["versions"])
    page = (tmp_path / "evaluation.md").read_text()
    assert page.startswith("# random in test/Coin-v0")
    assert "| guessing | 0.500 |" in page
    assert all(f"| {row.seed} |" in page for row in evaluation.rows)


def test_film_shows_the_first_episodes(tmp_path: Path) -> None:
    actor = sanity_actors["random"]()
    evaluation = evaluate(actor, "test/Coin-v0", episodes=3)
    path = write_film(evaluation, actor, tmp_path, episodes=2)
    frames = sum(1 for _ in imageio.get_reader(path))
    assert frames == sum(row.length + 1 for row in evaluation.rows[:2])


def test_unreadable_evaluations_are_refused(tmp_path: Path) -> None:
    (tmp_path / "evaluation.json").write_text("{}")
    with pytest.raises(CheckpointError, match="no evaluation"):
        read(tmp_path)
    (tmp_path / "evaluation.json").write_text("{half")
    with pytest.raises(CheckpointError, match="Cannot read"):
        read(tmp_path)


def test_an_unwritable_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    evaluation = evaluate(sanity_actors["zero"](), "test/Coin-v0", episodes=1)
    with pytest.raises(StorageError, match="Cannot write"):
        write(evaluation, tmp_path / "file" / "below")


def made(policy: str, verdicts: list[bool], env: str = "test/Coin-v0") -> Evaluation:
    rows = tuple(EpisodeRow(seed, float(v), 1, v, True, False, False) for seed, v in enumerate(verdicts))
    return Evaluation(policy, env, {}, 0, 1, True, rows)


def test_comparison_pairs_episodes() -> None:
    good, bad = made("good", [True] * 10), made("bad", [False] * 8)
    page = comparison({"good": good, "bad": bad}, against="bad")
    assert "| good | 1.000 [0.722, 1.000] | 1.00 [1.00, 1.00] | 1.0 | 10 | +1.000 [+1.000, +1.000] |" in page
    assert len(paired(good, bad)) == 8
    with pytest.raises(ConfigError, match="different environments"):
        comparison({"good": good, "bad": made("bad", [True], env="other")}, against="bad")


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="Ray is installed")
def test_ray_that_is_missing_is_named_with_its_extra() -> None:
    with pytest.raises(ConfigError, match=r"robomem\[ray\]"):
        evaluate(sanity_actors["zero"](), "CartPole-v1", episodes=1, ray=True)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_ray_gives_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "240")  # a busy machine is no failure
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        seen: list[tuple[int, int]] = []
        far = evaluate(
            sanity_actors["random"](),
            "CartPole-v1",
            episodes=10,
            num_envs=4,
            ray=True,
            progress=lambda done, total: seen.append((done, total)),
        )
    finally:
        ray.shutdown()
    near = evaluate(sanity_actors["random"](), "CartPole-v1", episodes=10)
    assert numbers(far) == numbers(near)
    assert seen[-1] == (10, 10)
