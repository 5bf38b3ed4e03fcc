"""The three examples of CONTRIBUTING.md are real: each is run as a reader would use it."""

import re
import sys
import types
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
import torch

from robomem import policy
from robomem.registry import Registry
from robomem.sequence import make, memories

BLOCKS = re.findall(r"^```python\n(.*?)^```", (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(), re.M | re.S)


def run(defining: str, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Run the block that defines a class, as a module of its own that can be imported by name."""
    (code,) = [block for block in BLOCKS if f"class {defining}" in block]
    module = types.ModuleType(f"contributed_{defining.lower()}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(code, "CONTRIBUTING.md", "exec"), module.__dict__)
    return module


def forget(registry: Registry, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo the registration at the end of the test."""
    len(registry)  # plugins first: what they add must stay
    monkeypatch.setattr(registry, "_entries", dict(registry._entries))
    assert name not in registry


@pytest.fixture
def echo(monkeypatch):
    run("Echo", monkeypatch)
    yield "example/Echo-v0"
    del gym.registry["example/Echo-v0"]


def test_environment_is_won_by_its_expert_and_not_by_a_guess(echo):
    env = gym.make_vec(echo, num_envs=64, vectorization_mode="vector_entry_point", delay=3)
    for expert in (True, False):
        env.reset(seed=0)
        for _ in range(4):
            action = env.unwrapped.expert_action() if expert else np.ones(env.action_space.shape, np.float32)
            _, reward, _, _, info = env.step(action)
        won = np.asarray(info["success"])
        assert np.array_equal(reward, won)
        assert won.all() if expert else 0.2 < won.mean() < 0.8


def test_environment_shows_the_bit_once(echo):
    env = gym.make(echo, delay=3)
    shown, _ = env.reset(seed=1)
    assert abs(shown[0]) == 1.0
    assert env.step(np.zeros(1, np.float32))[0] == 0.0


def test_memory_agrees_in_both_forms(monkeypatch):
    forget(memories, "leaky", monkeypatch)
    run("Leaky", monkeypatch)
    memory = make("leaky", input_size=3)
    x, reset = torch.randn(2, 5, 3), torch.tensor([[1, 0, 0, 1, 0], [0, 0, 1, 0, 0]], dtype=torch.bool)
    state, outputs = memory.initial_state(2), []
    whole, last = memory(x, state, reset)
    for t in range(5):
        output, state = memory.step(x[:, t], state, reset[:, t])
        outputs.append(output)
    assert torch.equal(whole, torch.stack(outputs, 1))
    assert torch.equal(last["average"], state["average"])


def test_policy_comes_back_from_disk(monkeypatch, tmp_path):
    forget(policy.policies, "still", monkeypatch)
    module = run("Still", monkeypatch)
    box, actions = gym.spaces.Box(-1, 1, (2,), np.float32), gym.spaces.Box(-1, 1, (3,), np.float32)
    still = module.Still(box, actions)
    assert isinstance(still, policy.Saveable)
    policy.save(still, tmp_path / "still")
    action, _ = policy.load(tmp_path / "still").predict(np.zeros((4, 2), np.float32))
    assert action.shape == (4, 3)
    assert not action.any()
