"""The recall policy: every space it promises, both of its forms, its files, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

from robomem import policy as policy_files
from robomem import sequence
from robomem.errors import CheckpointError, ConfigError, EnvironmentFault, SpaceError
from robomem.policy import Saveable
from robomem_policies.recall.policy import RecallPolicy

OBSERVATIONS: dict[str, spaces.Space[Any]] = {
    "box": spaces.Box(-1, 1, (3,), np.float32),
    "float64 matrix": spaces.Box(-np.inf, np.inf, (2, 5), np.float64),
    "scalar": spaces.Box(-1, 1, (), np.float32),
    "discrete": spaces.Discrete(5, start=2),
    "multi discrete": spaces.MultiDiscrete([3, 4]),
    "started multi discrete": spaces.MultiDiscrete([3, 4], start=[-1, 7]),
    "multi binary": spaces.MultiBinary(6),
    "grid": spaces.Box(0, 255, (7, 9, 3), np.uint8),
    "camera": spaces.Box(0, 255, (48, 64, 4), np.uint8),
    "ballet": spaces.Box(0, 1, (99, 99, 3), np.float32),
    "dict": spaces.Dict(
        pixels=spaces.Box(0, 255, (16, 16, 3), np.uint8),
        arm=spaces.Box(-1, 1, (4,), np.float32),
        cue=spaces.Box(0, 1, (2, 2), np.float32),
        instruction=spaces.MultiDiscrete([14] * 3),
        gripper=spaces.Discrete(2),
    ),
}
ACTIONS: dict[str, spaces.Space[Any]] = {
    "box": spaces.Box(np.array([-2, 0, -np.inf], np.float32), np.array([2, 10, np.inf], np.float32)),
    "matrix": spaces.Box(-1, 1, (2, 2), np.float64),
    "discrete": spaces.Discrete(4, start=3),
    "multi discrete": spaces.MultiDiscrete([2, 5]),
    "multi binary": spaces.MultiBinary(3),
}
BOX, ACT = OBSERVATIONS["box"], ACTIONS["discrete"]


def stack(drawn: list[Any]) -> Any:
    if isinstance(drawn[0], dict):
        return {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    return np.stack(drawn)


def observations(space: spaces.Space[Any], rows: int, seed: int = 0) -> Any:
    space.seed(seed)
    return stack([space.sample() for _ in range(rows)])


def rollout(policy: RecallPolicy, batch: int, steps: int) -> dict[str, Any]:
    """Act for T steps with episodes that begin here and there, as the learner does."""
    generator = torch.Generator().manual_seed(0)
    reset = torch.rand(batch, steps, generator=generator) < 0.2
    memory = policy.initial_memory(batch)
    start = {name: part.clone() for name, part in memory.items()}
    seen, columns = [], []
    for step in range(steps):
        seen.append(policy.tensors(observations(policy.observation_space, batch, step)))
        with torch.no_grad():
            *column, memory = policy.act(seen[-1], memory, reset[:, step], generator)
        columns.append(column)
    action, value, log_prob = (torch.stack(parts, 1) for parts in zip(*columns))
    observation = {name: torch.stack([one[name] for one in seen], 1) for name in seen[0]}
    judged = {"action": action, "value": value, "log_prob": log_prob}
    return {"observation": observation, "memory": start, "reset": reset, **judged}


@pytest.mark.parametrize("act", ACTIONS)
@pytest.mark.parametrize("observe", OBSERVATIONS)
def test_acts_in_every_space_that_is_promised(observe: str, act: str) -> None:
    space = ACTIONS[act]
    policy = RecallPolicy(OBSERVATIONS[observe], space, memory_kwargs={"width": 16})
    batch = observations(policy.observation_space, 3)
    for deterministic in (True, False):
        action, state = policy.predict(batch, deterministic=deterministic)
        assert len(action) == 3
        assert all(space.contains(one if one.shape else one[()]) for one in action), action
    single = {name: part[1] for name, part in batch.items()} if isinstance(batch, dict) else batch[1]
    alone, state = policy.predict(single, deterministic=True)
    np.testing.assert_array_equal(alone, policy.predict(batch, deterministic=True)[0][1])
    assert np.shape(alone) == space.shape
    assert {len(part) for part in state.values()} == {1}


@pytest.mark.parametrize("memory", sorted(sequence.memories))
@pytest.mark.parametrize(("observe", "act"), [("box", "box"), ("dict", "multi discrete")])
def test_learning_judges_as_acting_did(memory: str, observe: str, act: str) -> None:
    torch.manual_seed(0)
    policy = RecallPolicy(OBSERVATIONS[observe], ACTIONS[act], memory=memory)
    policy.update_statistics(rollout(policy, 2, 5)["observation"])
    played = rollout(policy, 4, 9)
    value, log_prob, entropy, auxiliary = policy.evaluate(
        played["observation"], played["action"], played["memory"], played["reset"]
    )
    torch.testing.assert_close(value, played["value"], atol=2e-5, rtol=1e-4)
    torch.testing.assert_close(log_prob, played["log_prob"], atol=2e-5, rtol=1e-4)
    assert entropy.numel() in (1, 36)
    assert float(auxiliary) == 0


def test_predict_acts_as_the_learner_s_mode() -> None:
    torch.manual_seed(0)
    policy = RecallPolicy(BOX, ACTIONS["box"])
    batch = observations(BOX, 5)
    action, state = policy.predict(batch, deterministic=True)
    with torch.no_grad():
        x = policy.encoder(policy.tensors(batch))
        y, memory = policy.memory.step(x, policy.initial_memory(5), torch.ones(5, dtype=torch.bool))
        expected = policy.env_action(policy.action(policy.policy_head(torch.cat([y, x], -1))))
    np.testing.assert_allclose(action, expected, atol=1e-6)
    np.testing.assert_allclose(state["memory.hidden"], memory["hidden"], atol=1e-6)


def test_an_episode_start_forgets_and_nothing_else_does() -> None:
    policy = RecallPolicy(BOX, ACT)
    first, second = observations(BOX, 2, 0), observations(BOX, 2, 1)
    _, state = policy.predict(first, deterministic=True)
    _, fresh = policy.predict(second, deterministic=True)
    _, mixed = policy.predict(second, state, np.array([True, False]), deterministic=True)
    _, carried = policy.predict(second, state, deterministic=True)
    np.testing.assert_array_equal(mixed["memory.hidden"][0], fresh["memory.hidden"][0])
    np.testing.assert_array_equal(mixed["memory.hidden"][1], carried["memory.hidden"][1])
    assert not np.array_equal(carried["memory.hidden"], fresh["memory.hidden"])


@pytest.mark.parametrize("observe", ["dict", "ballet"])
def test_is_saved_and_found_again(tmp_path: Path, observe: str) -> None:
    policy = RecallPolicy(
        OBSERVATIONS[observe], ACTIONS["box"], memory="lstm", memory_kwargs={"width": 16}, reconstruction=True
    )
    policy.update_statistics(rollout(policy, 2, 4)["observation"])
    policy.rescale_values(torch.tensor([3.0, 9.0]))
    policy_files.save(policy, tmp_path)
    loaded = policy_files.load(tmp_path)
    assert isinstance(loaded, RecallPolicy)
    assert isinstance(loaded, Saveable)
    assert loaded.config() == policy.config()
    batch = observations(policy.observation_space, 3, 7)
    np.testing.assert_array_equal(policy.predict(batch)[0], loaded.predict(batch)[0])
    for name, tensor in policy.state_dict().items():
        assert torch.equal(tensor, loaded.state_dict()[name]), name


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    policy = RecallPolicy(BOX, ACT, heads=(8,))
    policy.config = lambda: RecallPolicy(BOX, ACT, heads=(16,)).config()  # type: ignore[method-assign]
    policy_files.save(policy, tmp_path)
    with pytest.raises(CheckpointError):
        policy_files.load(tmp_path)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_stable_baselines_evaluates_it_unchanged(env_id: str) -> None:
    env = make_vec_env(env_id, 3, seed=0, env_kwargs={"max_episode_steps": 12})
    policy = RecallPolicy(env.observation_space, env.action_space)
    for deterministic in (True, False):
        returns, lengths = evaluate_policy(policy, env, 4, deterministic, return_episode_rewards=True)  # type: ignore[arg-type]
        assert np.isfinite(returns).all()
        assert min(lengths) > 0


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_nan_is_named(poison: float) -> None:
    policy = RecallPolicy(OBSERVATIONS["dict"], ACT)
    batch = observations(policy.observation_space, 3)
    batch["arm"][2, 1] = poison
    with pytest.raises(EnvironmentFault, match=r"'arm'.*row 2"):
        policy.predict(batch)


def test_what_it_cannot_take_is_refused_with_advice() -> None:
    with pytest.raises(SpaceError, match="Flatten"):
        RecallPolicy(spaces.Dict(inner=spaces.Dict(x=BOX)), ACT)
    with pytest.raises(SpaceError, match="wrappers"):
        RecallPolicy(spaces.Text(5), ACT)
    with pytest.raises(SpaceError, match="actions"):
        RecallPolicy(BOX, spaces.Text(5))
    with pytest.raises(SpaceError, match="too small"):
        RecallPolicy(spaces.Box(0, 255, (4, 4, 3), np.uint8), ACT)
    with pytest.raises(ConfigError, match="multiples of 8"):
        RecallPolicy(BOX, ACT, heads=(65,))
    policy = RecallPolicy(BOX, ACT)
    _, state = policy.predict(observations(BOX, 3))
    with pytest.raises(SpaceError, match="3 episodes"):
        policy.predict(observations(BOX, 2), state)
    with pytest.raises(SpaceError):
        policy.predict(np.zeros((2, 4), np.float32))


def test_reconstruction_is_learnt_from_the_memory() -> None:
    torch.manual_seed(0)
    policy = RecallPolicy(OBSERVATIONS["dict"], ACT, reconstruction=True, memory_kwargs={"width": 16})
    played = rollout(policy, 4, 3)
    optimizer = torch.optim.Adam(policy.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        *_, auxiliary = policy.evaluate(played["observation"], played["action"], played["memory"], played["reset"])
        optimizer.zero_grad()
        auxiliary.backward()
        optimizer.step()
        losses.append(auxiliary.item())
    assert losses[-1] < 0.9 * losses[0]
    assert all(p.grad is None or not p.grad.any() for p in policy.value_head.parameters())
    assert any(p.grad is not None and p.grad.any() for p in policy.memory.parameters())


def test_streams_of_a_seed_belong_to_the_episode_not_to_the_row() -> None:
    policy = RecallPolicy(BOX, ACTIONS["box"], log_std=0.0)
    same = np.repeat(observations(BOX, 1), 4, 0)
    drawn, state = policy.predict(same, policy.initial_state(4, seeds=[7, 8, 7, 9]))
    np.testing.assert_array_equal(drawn[0], drawn[2])
    assert len(np.unique(drawn, axis=0)) == 3
    again, _ = policy.predict(same, state)
    assert not np.array_equal(drawn, again)
    policy.seed(1)
    reseeded, _ = policy.predict(same, policy.initial_state(4, seeds=[7, 8, 7, 9]))
    assert not np.array_equal(drawn, reseeded)
