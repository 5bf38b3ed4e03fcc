"""MemoryVLA as a plugin of LeRobot's: what LeRobot chooses is what RoboMem chooses."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch

from robomem import policy as policies
from robomem.cli.main import main
from robomem.errors import CheckpointError
from robomem_policies.memory_vla.policy import MemoryVLA
from robomem_policies.sanity import ZeroPolicy

A, D, H = 3, 5, 4
OBSERVATIONS = gym.spaces.Dict(
    pixels=gym.spaces.Box(0, 255, (32, 32, 3), np.uint8), proprio=gym.spaces.Box(-np.inf, np.inf, (D,), np.float32)
)
ACTIONS = gym.spaces.Box(-1, 1, (A,), np.float32)


@pytest.fixture(scope="module")
def agent() -> MemoryVLA:
    torch.manual_seed(0)
    policy = MemoryVLA(
        OBSERVATIONS,
        ACTIONS,
        tasks=("touch the cup", "leave the cup"),
        encoder_kwargs={"text": "hash", "width": 24, "depth": 1, "fusion": 1},
        width=8,
        memory_kwargs={"length": 3},
        expert_kwargs={"width": 32, "depth": 1, "heads": 2, "repeat": 1, "guidance": 1.0},
        chunk=H,
        execute=2,
    )
    policy.encoder.learn(policy.tasks)
    with torch.no_grad():  # zero-initialised layers would hide what memory does
        for part in policy.parameters():
            part.add_(0.1 * torch.randn_like(part))
    return policy.eval()


@pytest.fixture(scope="module")
def exported(agent: MemoryVLA, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The exported folder, with its package importable."""
    root = tmp_path_factory.mktemp("export")
    policies.save(agent, root / "run" / "policy", info={"env": "shell-game"})
    assert main(["export", "lerobot", str(root / "run"), "--out", str(root / "out")]) == 0
    source = str(root / "out" / "lerobot_policy_memoryvla" / "src")
    sys.path.append(source)
    __import__("lerobot_policy_memoryvla")  # as LeRobot does with every distribution of such a name
    yield root / "out"
    sys.path.remove(source)


def frames(steps: int, rows: int, seed: int = 0) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(seed)
    return [
        {
            "pixels": rng.integers(0, 256, (rows, 32, 32, 3), np.uint8),
            "proprio": rng.normal(size=(rows, D)).astype(np.float32),
        }
        for _ in range(steps)
    ]


def batch(frame: dict[str, np.ndarray], tasks: Any) -> dict[str, Any]:
    picture = torch.from_numpy(frame["pixels"]).permute(0, 3, 1, 2).float() / 255
    state = torch.from_numpy(frame["proprio"])
    return {"observation.images.pixels": picture, "observation.state": state, "task": tasks}


def made(folder: Path) -> tuple[Any, Any, Any]:
    """Load as lerobot-eval does."""
    from lerobot.configs.policies import PreTrainedConfig
    from lerobot.policies import factory

    config = PreTrainedConfig.from_pretrained(folder)
    policy = factory.get_policy_class(config.type).from_pretrained(folder, config=config)
    overrides = {"device_processor": {"device": "cpu"}, "rename_observations_processor": {"rename_map": {}}}
    processors = factory.make_pre_post_processors(config, pretrained_path=str(folder), preprocessor_overrides=overrides)
    return policy, *processors


TASKS = ["touch the cup", "leave the cup"]


def test_names_are_those_that_lerobot_looks_for(exported: Path) -> None:
    package = exported / "lerobot_policy_memoryvla"
    project = tomllib.loads((package / "pyproject.toml").read_text())
    assert project["project"]["name"] == "lerobot_policy_memoryvla"
    assert (package / "src" / project["project"]["name"] / "__init__.py").exists()
    content = json.loads((exported / "pretrained_model" / "config.json").read_text())
    assert content["input_features"] == {
        "observation.images.pixels": {"type": "VISUAL", "shape": [3, 32, 32]},
        "observation.state": {"type": "STATE", "shape": [D]},
    }
    assert (content["chunk_size"], content["n_action_steps"]) == (H, 2)


def test_lerobot_chooses_what_we_choose(agent: MemoryVLA, exported: Path) -> None:
    policy, before, after = made(exported / "pretrained_model")
    for episode in range(2):
        policy.reset()
        state, start = agent.initial_state(2, 2 * episode + np.arange(2), TASKS), np.ones(2, bool)
        for frame in frames(7, 2, seed=episode):
            chosen = after(policy.select_action(before(batch(frame, TASKS))))
            action, state = agent.predict(frame, state, start, True)
            np.testing.assert_array_equal(chosen.numpy(), action)
            start = np.zeros(2, bool)


def test_memory_lasts_until_reset(exported: Path) -> None:
    policy, before, _ = made(exported / "pretrained_model")
    seen = frames(6, 2)
    chunks = []
    for shown in (seen, seen[-1:], seen):
        policy.reset()
        policy._episodes = 0  # the same noise
        for frame in shown[:-1]:
            policy.observe(before(batch(frame, TASKS)))
        chunks.append(policy.predict_action_chunk(before(batch(seen[-1], TASKS))))
    assert chunks[0].shape == (2, H, A)
    torch.testing.assert_close(chunks[0], chunks[2], rtol=0, atol=0)
    assert not torch.equal(chunks[0], chunks[1])


def test_time_passes_between_chunks(exported: Path) -> None:
    policy, before, _ = made(exported / "pretrained_model")
    policy.config.chunk_stride = 4
    for count, frame in enumerate(frames(3, 1), start=1):
        policy.predict_action_chunk(before(batch(frame, TASKS[:1])))
        assert policy._state["step"].tolist() == [4 * count]


def test_saved_again_it_is_the_same(exported: Path, tmp_path: Path) -> None:
    policy, before, _ = made(exported / "pretrained_model")
    policy.save_pretrained(tmp_path / "again")
    again = type(policy).from_pretrained(tmp_path / "again")
    for frame in frames(3, 2):
        given = before(batch(frame, TASKS))
        assert torch.equal(policy.select_action(given), again.select_action(given))


def test_our_own_adapter_plays_it(agent: MemoryVLA, exported: Path) -> None:
    policy = policies.load(f"lerobot:{exported / 'pretrained_model'}")
    policy.instruct(TASKS[0])
    [frame] = frames(1, 1)
    action, _ = policy.predict(frame, deterministic=True)
    expected, _ = agent.predict(frame, agent.initial_state(1, [0], TASKS[:1]), [True], True)
    np.testing.assert_array_equal(action, expected)


def test_bad_batches_are_refused(exported: Path) -> None:
    policy, _, _ = made(exported / "pretrained_model")
    [frame] = frames(1, 2)
    good = batch(frame, TASKS)
    with pytest.raises(ValueError, match=r"needs 'observation\.state'"):
        policy.select_action({name: part for name, part in good.items() if name != "observation.state"})
    with pytest.raises(ValueError, match=r"not \[B, 32, 32, 3\]"):
        policy.select_action({**good, "observation.images.pixels": torch.zeros(2, 3, 16, 16)})
    with pytest.raises(ValueError, match=r"numbers in 0 … 1"):
        policy.select_action({**good, "observation.images.pixels": torch.full((2, 3, 32, 32), torch.nan)})
    with pytest.raises(ValueError, match="1 tasks for 2"):
        policy.select_action({**good, "task": ["touch the cup"]})
    with pytest.raises(RuntimeError, match="NaN"):
        policy.select_action({**good, "observation.state": torch.full((2, D), torch.nan)})
    assert policy.select_action(good).shape == (2, A)


def test_it_is_trained_elsewhere_and_says_so(exported: Path) -> None:
    policy, _, _ = made(exported / "pretrained_model")
    for train in (lambda: policy.forward({}), policy.config.get_optimizer_preset):
        with pytest.raises(NotImplementedError, match="robomem train memory-vla"):
            train()
    with pytest.raises(ValueError, match="robomem train memory-vla"):
        type(policy)(policy.config)


def test_a_damaged_export_is_refused(agent: MemoryVLA, tmp_path: Path, exported: Path) -> None:
    policies.save(agent, tmp_path / "run")
    assert main(["export", "lerobot", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 0
    [weights] = (tmp_path / "out").rglob("weights-*.safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(CheckpointError):
        made(tmp_path / "out" / "pretrained_model")


def test_bad_requests_write_nothing(agent: MemoryVLA, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policies.save(agent, tmp_path / "run")
    policies.save(ZeroPolicy(OBSERVATIONS, ACTIONS), tmp_path / "zero")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("mine")
    run, out = str(tmp_path / "run"), str(tmp_path / "out")
    for told, message in [
        (["lerobt", run, "--out", out], "Did you mean 'lerobot'"),
        (["lerobot", run], "Where to?"),
        (["lerobot", run, "--out", str(tmp_path / "full")], "nothing is overwritten"),
        (["lerobot", str(tmp_path / "zero"), "--out", out], "is a 'zero' policy"),
        (["lerobot", str(tmp_path / "none"), "--out", out], "none"),
    ]:
        assert main(["export", *told]) == 2
        assert message in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "run", "zero"]
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["notes"]
