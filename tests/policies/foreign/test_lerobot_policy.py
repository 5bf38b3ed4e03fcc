"""LeRobot's policies behind our interface; with LeRobot itself where it is installed, else with a stand-in."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch

from robomem import policy as policies
from robomem.cli.main import main
from robomem.errors import CheckpointError, ConfigError, EnvironmentFault, SpaceError
from robomem.policy import Instructed, Saveable, Seeded

Saved = Callable[..., Path]
ACT = {"chunk_size": 5, "n_action_steps": 3, "dim_model": 64, "pretrained_backbone_weights": None}
ENSEMBLE = {**ACT, "n_action_steps": 1, "temporal_ensemble_coeff": 0.01}
DIFFUSION = {"horizon": 8, "n_action_steps": 4, "down_dims": (8, 16, 32), "num_inference_steps": 2}
KINDS = [("act", ACT), ("act", ENSEMBLE), ("diffusion", DIFFUSION)]
each_kind = pytest.mark.parametrize(("kind", "fields"), KINDS, ids=["act", "act-ensemble", "diffusion"])


def seen(steps: int, rows: int, seed: int = 0) -> list[dict[str, Any]]:
    rng = np.random.default_rng(seed)
    return [
        {
            "pixels": rng.integers(0, 256, (rows, 64, 64, 3), np.uint8),
            "proprio": rng.normal(size=(rows, 4)).astype(np.float32),
        }
        for _ in range(steps)
    ]


def played(policy: Any, frames: list[dict[str, Any]], rows: Any, seeds: list[int], **how: Any) -> np.ndarray:
    state, actions = policy.initial_state(len(rows), [seeds[row] for row in rows]), []
    for frame in frames:
        action, state = policy.predict({name: part[rows] for name, part in frame.items()}, state, **how)
        actions.append(action)
    return np.stack(actions)


def loaded(folder: Path) -> Any:
    return policies.load(f"lerobot:{folder}")


@each_kind
def test_it_is_a_policy_of_ours(lerobot_saved: Saved, kind: str, fields: dict[str, Any]) -> None:
    policy = loaded(lerobot_saved(kind, **fields))
    assert isinstance(policy, Saveable)
    assert isinstance(policy, Seeded)
    assert isinstance(policy, Instructed)
    assert policy.observation_space["pixels"] == gym.spaces.Box(0, 255, (64, 64, 3), np.uint8)
    assert policy.observation_space["proprio"].shape == (4,)
    assert policy.action_space.shape == (2,)


def test_its_actions_are_lerobots(lerobot_saved: Saved) -> None:
    """ACT has no noise: what LeRobot's own loop chooses is what ours chooses."""
    from lerobot.configs.policies import PreTrainedConfig
    from lerobot.policies import factory

    folder = lerobot_saved("act", **ACT)
    policy, frames = loaded(folder), seen(8, 1)
    config = PreTrainedConfig.from_pretrained(folder)
    network = factory.get_policy_class("act").from_pretrained(folder)
    before, after = factory.make_pre_post_processors(config, pretrained_path=str(folder))
    network.reset()
    expected = []
    for frame in frames:
        picture = torch.from_numpy(frame["pixels"]).permute(0, 3, 1, 2).float() / 255
        batch = {"observation.images.pixels": picture, "observation.state": torch.from_numpy(frame["proprio"])}
        expected.append(after(network.select_action(before({**batch, "task": [""]}))).numpy())
    np.testing.assert_allclose(played(policy, frames, [0], [0]), np.stack(expected), rtol=1e-5, atol=1e-6)


@each_kind
@pytest.mark.parametrize("deterministic", [True, False])
def test_a_row_is_alone(lerobot_saved: Saved, kind: str, fields: dict[str, Any], deterministic: bool) -> None:
    policy, frames, seeds = loaded(lerobot_saved(kind, **fields)), seen(7, 3), [5, 6, 7]
    together = played(policy, frames, [0, 1, 2], seeds, deterministic=deterministic)
    for row in range(3):
        torch.manual_seed(row)  # torch's own generator is nothing to it
        alone = played(policy, frames, [row], seeds, deterministic=deterministic)
        np.testing.assert_array_equal(together[:, [row]], alone)


@each_kind
def test_states_can_be_gone_on_from_twice(lerobot_saved: Saved, kind: str, fields: dict[str, Any]) -> None:
    policy, frames = loaded(lerobot_saved(kind, **fields)), seen(6, 2)
    state = policy.initial_state(2)
    for frame in frames[:2]:
        _, state = policy.predict(frame, state)
    ways = []
    for _ in range(2):
        here, actions = state, []
        for frame in frames[2:]:
            action, here = policy.predict(frame, here)
            actions.append(action)
        ways.append(np.stack(actions))
    np.testing.assert_array_equal(*ways)


@each_kind
def test_a_started_row_forgets(lerobot_saved: Saved, kind: str, fields: dict[str, Any]) -> None:
    policy, frames = loaded(lerobot_saved(kind, **fields)), seen(6, 2)
    state = policy.initial_state(2)
    for frame in frames[:4]:
        _, state = policy.predict(frame, state, deterministic=True)
    fresh = policy.initial_state(2)
    fresh = {"episode": fresh["episode"], "noise": state["noise"]}
    action, _ = policy.predict(frames[4], state, [True, False], deterministic=True)
    expected, _ = policy.predict(frames[4], fresh, deterministic=True)
    going, _ = policy.predict(frames[4], state, deterministic=True)
    np.testing.assert_array_equal(action, np.stack([expected[0], going[1]]))
    assert not np.array_equal(action[1], expected[1])


def test_noise_belongs_to_the_seed_of_the_episode(lerobot_saved: Saved) -> None:
    policy, frames = loaded(lerobot_saved("diffusion", **DIFFUSION)), seen(9, 1)
    same = [played(policy, frames, [0], [3]), played(policy, frames, [0], [3])]
    np.testing.assert_array_equal(*same)
    assert not np.array_equal(same[0], played(policy, frames, [0], [4]))
    before = torch.get_rng_state()
    played(policy, frames, [0], [3])
    assert torch.equal(before, torch.get_rng_state())


def test_one_observation_is_a_batch_of_one(lerobot_saved: Saved) -> None:
    policy, [frame] = loaded(lerobot_saved("act", **ACT)), seen(1, 1)
    single, _ = policy.predict({name: part[0] for name, part in frame.items()})
    np.testing.assert_array_equal(single, policy.predict(frame)[0][0])


def test_bad_observations_choose_nothing(lerobot_saved: Saved) -> None:
    policy, [frame] = loaded(lerobot_saved("act", **ACT)), seen(1, 2)
    bad = copy.deepcopy(frame)
    bad["proprio"][1, 0] = np.nan
    with pytest.raises(EnvironmentFault, match="proprio holds NaN"):
        policy.predict(bad)
    with pytest.raises(SpaceError, match="uint8"):
        policy.predict({**frame, "pixels": frame["pixels"] / 255.0})
    with pytest.raises(SpaceError, match="trained on"):
        policy.predict({"proprio": frame["proprio"]})
    with pytest.raises(SpaceError, match="state is of 1 episodes"):
        policy.predict(frame, policy.initial_state(1))


def test_words_are_asked_for_where_they_are_read(lerobot_saved: Saved) -> None:
    folder = lerobot_saved("diffusion", **DIFFUSION)
    if "standin" not in str(sys.modules["lerobot"].__file__):
        pytest.skip("LeRobot's own tokenizers come from the hub")
    path = folder / "policy_preprocessor.json"
    content = json.loads(path.read_text())
    content["steps"].append({"registry_name": "tokenizer_processor", "config": {}})
    path.write_text(json.dumps(content))
    policy, frames = loaded(folder), seen(1, 1)
    with pytest.raises(ConfigError, match="instruct"):
        policy.predict(frames[0])
    policy.instruct("left")
    left = played(policy, frames, [0], [0])
    policy.instruct("right")
    assert not np.array_equal(left, played(policy, frames, [0], [0]))
    with pytest.raises(ConfigError, match="in words"):
        policy.instruct(" ")


def test_a_saved_reference_is_held_to_its_weights(lerobot_saved: Saved, tmp_path: Path) -> None:
    folder = lerobot_saved("act", **ACT)
    policy, frames = loaded(folder), seen(4, 1)
    policies.save(policy, tmp_path / "ours")
    again = policies.load(tmp_path / "ours")
    np.testing.assert_array_equal(played(policy, frames, [0], [0]), played(again, frames, [0], [0]))
    torch.manual_seed(1)
    policy.network.model.apply(lambda module: hasattr(module, "reset_parameters") and module.reset_parameters())
    policy.network.save_pretrained(folder)
    with pytest.raises(CheckpointError, match="another than the one that was saved"):
        policies.load(tmp_path / "ours")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "no model.safetensors"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\0" * 40), "cannot load"),
        (lambda folder: (folder / "config.json").write_text('{"type": "act'), "damaged"),
        (lambda folder: (folder / "config.json").write_text('{"type": "atc"}'), "does not have.*'act'"),
        (lambda folder: (folder / "config.json").write_text("[]"), "holds no fields"),
        (lambda folder: (folder / "policy_preprocessor.json").unlink(), "migrate_policy_normalization"),
        (lambda folder: (folder / "policy_postprocessor.json").write_text("{}"), "lists no steps"),
    ],
)
def test_damaged_folders_are_refused(lerobot_saved: Saved, harm: Callable[[Path], Any], message: str) -> None:
    folder = lerobot_saved("act", **ACT)
    harm(folder)
    with pytest.raises(CheckpointError, match=message):
        loaded(folder)


def test_weights_of_another_network_are_refused(lerobot_saved: Saved) -> None:
    other = (lerobot_saved("diffusion", **DIFFUSION) / "model.safetensors").read_bytes()
    folder = lerobot_saved("act", **ACT)
    (folder / "model.safetensors").write_bytes(other)
    with pytest.raises(CheckpointError, match="cannot load"):
        loaded(folder)


def test_a_folder_cannot_call_what_it_likes(lerobot_saved: Saved, tmp_path: Path) -> None:
    folder, trace = lerobot_saved("act", **ACT), tmp_path / "trace"
    step = {"class": "pathlib.Path.touch", "config": {"self": str(trace)}}
    for named in ({"class": "subprocess.Popen", "config": {"args": ["touch", str(trace)]}}, step, {}):
        path = folder / "policy_preprocessor.json"
        path.write_text(json.dumps({"name": "policy_preprocessor", "steps": [named]}))
        with pytest.raises(CheckpointError, match="no step of LeRobot's"):
            loaded(folder)
    assert not trace.exists()


def test_a_name_without_a_folder_says_so(tmp_path: Path) -> None:
    for address in (str(tmp_path), "./nothing/here", ""):
        with pytest.raises(CheckpointError, match=r"no config\.json"):
            policies.load(f"lerobot:{address}")


def test_without_lerobot_it_says_how_to_get_it(lerobot_saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = lerobot_saved("act", **ACT)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="not installed"):
        loaded(folder)


class Room(gym.Env):
    """Three steps of pictures and four numbers; it succeeds if it is told anything."""

    observation_space = gym.spaces.Dict(
        {
            "pixels": gym.spaces.Box(0, 255, (64, 64, 3), np.uint8),
            "proprio": gym.spaces.Box(-np.inf, np.inf, (4,), np.float32),
        }
    )
    action_space = gym.spaces.Box(-1, 1, (2,), np.float32)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.left = 3
        return self._look(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.left -= 1
        return self._look(), float(np.sum(action)), self.left == 0, False, {}

    def _look(self) -> dict[str, Any]:
        numbers = self.np_random.normal(size=4).astype(np.float32)
        return {"pixels": self.np_random.integers(0, 256, (64, 64, 3), np.uint8), "proprio": numbers}


gym.register("test/LeRobotRoom-v0", Room)


def test_eval_plays_it(lerobot_saved: Saved, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    agent = f"lerobot:{lerobot_saved('act', **ACT)}"
    told = ["eval", "--policy", agent, "--episodes", "3", "--film", "0"]
    assert main([*told, "--env", "test/LeRobotRoom-v0", "--task", "go", "--out", str(tmp_path / "out")]) == 0
    assert "3 episodes of test/LeRobotRoom-v0" in capsys.readouterr().out
    assert main(told) == 2
    assert "give --env" in capsys.readouterr().err
    assert main([*told, "--env", "CartPole-v1"]) == 2
    assert "The policy was made for observations" in capsys.readouterr().err
