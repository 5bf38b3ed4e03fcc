"""The policy: what it owes as a policy, and that what it remembers does not depend on who asks, or on the batch."""

from __future__ import annotations

from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
import torch

from robomem import policy as policies
from robomem.data.batch import Batch
from robomem.data.imitation import DataSpec
from robomem.errors import CheckpointError, ConfigError, EnvironmentFault, SpaceError
from robomem_policies.memory_vla.policy import MemoryVLA

D, A, H = 5, 3, 4
OBSERVATIONS = gym.spaces.Dict(
    pixels=gym.spaces.Box(0, 255, (32, 32, 3), np.uint8), proprio=gym.spaces.Box(-np.inf, np.inf, (D,), np.float32)
)
ACTIONS = gym.spaces.Box(-1e6, 1e6, (A,), np.float32)
SMALL = {
    "encoder_kwargs": {"text": "hash", "width": 24, "depth": 1, "fusion": 1},
    "width": 8,
    "memory_kwargs": {"length": 3},
    "expert_kwargs": {"width": 32, "depth": 1, "heads": 2, "repeat": 1, "guidance": 1.0},
    "chunk": H,
    "execute": 2,
}
KINDS = {
    "bank": {},
    "fused": {"memory_kwargs": {"length": 3, "store": "fused"}},
    "none": {"memory": "none", "memory_kwargs": {}},
    "gru": {"memory": "gru", "memory_kwargs": {"hidden": 8}},
    "stack": {"memory": "stack", "memory_kwargs": {"frames": 3}},
    "symbolic": {"symbolic": True, "happenings": ["the lamp flashed", "press the button"]},
}


def spec(tasks=("touch the cup",), labels=0):
    rng = np.random.default_rng(0)
    action, proprio = rng.normal(size=(50, A)), rng.normal(size=(50, D))

    def stats(x):
        quantiles = {"q01": np.quantile(x, 0.01, 0), "q99": np.quantile(x, 0.99, 0)}
        return {"min": x.min(0), "max": x.max(0), "mean": x.mean(0), "std": x.std(0), **quantiles}

    return DataSpec(OBSERVATIONS, ACTIONS, {"action": stats(action), "proprio": stats(proprio)}, tasks, 20, labels)


def make(kind="bank", tasks=("touch the cup",), labels=0, **more):
    torch.manual_seed(0)
    policy = MemoryVLA.for_data(spec(tasks, labels), **{**SMALL, **KINDS[kind], **more})
    with torch.no_grad():  # zero-initialised layers would hide what memory does
        for part in policy.parameters():
            part.add_(0.1 * torch.randn_like(part))
    return policy.eval()


def stream(rows, steps, seed=0):
    rng = np.random.default_rng(seed)
    return [
        {
            "pixels": rng.integers(0, 256, (rows, 32, 32, 3), dtype=np.uint8),
            "proprio": rng.normal(size=(rows, D)).astype(np.float32),
        }
        for _ in range(steps)
    ]


def take(observation, rows):
    return {name: part[rows] for name, part in observation.items()}


def play(policy, seen, rows, state=None, starts=None):
    state = policy.initial_state(len(rows), seeds=rows) if state is None else state
    actions = []
    for t, observation in enumerate(seen):
        start = np.full(len(rows), t == 0) if starts is None else starts[t][rows]
        action, state = policy.predict(take(observation, rows), state, start)
        actions.append(action)
    return np.stack(actions), state


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_the_same_bits_in_any_batch(kind):
    policy, seen = make(kind), stream(11, 5)
    starts = np.zeros((5, 11), bool)
    starts[0], starts[3, ::2] = True, True
    whole, after = play(policy, seen, np.arange(11), starts=starts)
    rows = np.array([9, 2, 4])
    some, there = play(policy, seen, rows, starts=starts)
    assert np.array_equal(whole[:, rows], some)
    for name, part in there.items():
        assert np.array_equal(after[name][rows], part), name


@pytest.mark.parametrize("kind", KINDS)
def test_saved_and_loaded_it_acts_the_same(kind, tmp_path):
    policy, seen = make(kind), stream(2, 4)
    policies.save(policy, tmp_path / "policy")
    again = policies.load(tmp_path / "policy")
    first, _ = play(policy, seen, np.arange(2))
    second, _ = play(again, seen, np.arange(2))
    assert np.array_equal(first, second)


def test_an_episode_goes_on_from_a_state_that_was_stored(tmp_path):
    policy, seen = make(), stream(2, 6)
    whole, _ = play(policy, seen, np.arange(2))
    _, state = play(policy, seen[:3], np.arange(2))
    np.savez(tmp_path / "state.npz", **state)
    with np.load(tmp_path / "state.npz", allow_pickle=False) as stored:
        state = dict(stored)
    rest = []
    for observation in seen[3:]:
        action, state = policy.predict(observation, state, np.zeros(2, bool))
        rest.append(action)
    assert np.array_equal(whole[3:], np.stack(rest))


def test_one_observation_is_a_batch_of_one():
    policy, seen = make(), stream(1, 3)
    whole, _ = play(policy, seen, np.arange(1))
    state, single = None, []
    for t, observation in enumerate(seen):
        action, state = policy.predict(take(observation, 0), state, t == 0)
        assert action.shape == (A,)
        assert action.dtype == np.float32
        single.append(action)
    assert np.array_equal(whole[:, 0], np.stack(single))


def test_observing_remembers_what_acting_would():
    policy, seen = make(), stream(2, 5)
    _, acted = play(policy, seen, np.arange(2))
    state = policy.initial_state(2, seeds=np.arange(2))
    for t, observation in enumerate(seen):
        state = policy.observe(observation, state, np.full(2, t == 0))
    for name in acted:
        if name.startswith("memory.") or name == "step":
            assert np.array_equal(acted[name], state[name]), name


def test_a_plan_begins_with_the_action_that_predict_gives():
    policy, (observation,) = make(), stream(2, 1)
    start = policy.initial_state(2, seeds=[3, 4])
    action, _ = policy.predict(observation, start, np.ones(2, bool))
    chunk, _ = policy.plan(observation, start, np.ones(2, bool))
    assert chunk.shape == (2, H, A)
    assert np.array_equal(chunk[:, 0], action)


def test_a_chunk_is_executed_and_then_planned_anew():
    policy, seen = make(), stream(1, 4)
    state = policy.initial_state(1)
    chunk, _ = policy.plan(seen[0], state, np.ones(1, bool))
    actions, _ = play(policy, seen, np.arange(1), state=state)
    assert np.array_equal(actions[:2, 0], chunk[0, :2])  # execute = 2
    assert not np.array_equal(actions[2, 0], chunk[0, 2])


def test_the_frame_before_matters_to_the_bank_alone():
    seen, other = stream(1, 3), stream(1, 3)
    other[0] = stream(1, 1, seed=5)[0]
    for kind, matters in (("bank", True), ("none", False)):
        policy = make(kind, execute=1)
        same = np.array_equal(play(policy, seen, np.arange(1))[0][2], play(policy, other, np.arange(1))[0][2])
        assert same is not matters, kind


def test_frames_between_strides_are_not_remembered():
    policy, seen = make(write_stride=2, memory_kwargs={"length": 9}), stream(1, 5)
    _, state = play(policy, seen, np.arange(1))
    assert state["memory.cognitive.length"].tolist() == [3]
    assert state["memory.cognitive.time"][0, :3].tolist() == [0, 2, 4]


def test_deterministic_plans_come_from_the_rows_own_noise():
    policy, (observation,) = make(execute=1), stream(1, 1)
    observation = {name: np.repeat(part, 2, 0) for name, part in observation.items()}
    state, start = policy.initial_state(2, seeds=[1, 2]), np.ones(2, bool)
    fixed, after = policy.predict(observation, state, start, deterministic=True)
    again, _ = policy.predict(observation, after, start, deterministic=True)
    assert np.array_equal(fixed, again)
    assert not np.array_equal(fixed[0], fixed[1])
    drawn, after = policy.predict(observation, state, start)
    anew, _ = policy.predict(observation, after, start)
    assert not np.array_equal(drawn, anew)


@pytest.mark.parametrize(("kind", "looks"), [("bank", 6), ("gru", 6), ("none", 3)])
def test_only_what_is_remembered_or_planned_from_is_looked_at(kind, looks, monkeypatch):
    policy, seen = make(kind), []
    encode = policy._tokens
    monkeypatch.setattr(policy, "_tokens", lambda *given: (seen.append(1), encode(*given))[1])
    play(policy, stream(1, 6), np.arange(1))
    assert len(seen) == looks, "every step by a memory, the plans at steps 0, 2, 4 without"


def batch(groups=2, frames=5, labels=False, text="touch the cup"):
    rng = torch.Generator().manual_seed(0)
    shape = (groups, frames)
    return Batch(
        observation={
            "pixels": torch.randint(0, 256, (*shape, 32, 32, 3), generator=rng, dtype=torch.uint8),
            "proprio": torch.randn(*shape, D, generator=rng),
        },
        action=torch.randn(*shape, H, A, generator=rng),
        action_valid=torch.ones(*shape, H, dtype=torch.bool),
        time=torch.arange(frames).float().expand(shape),
        valid=torch.ones(shape, dtype=torch.bool),
        start=torch.ones(groups, dtype=torch.bool),
        text=(text,) * groups,
        label=torch.randint(0, 3, shape, generator=rng) if labels else None,
        happening=torch.randint(0, 3, shape, generator=rng) if labels else None,
        history=torch.randint(0, 3, (*shape, 4), generator=rng) if labels else None,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_weight_that_acts_learns(kind):
    policy = make(kind, regression_weight=1.0, regression_heads=2, recall_weight=0.1, labels=3).train()
    losses, _ = policy.loss(batch(labels=True), None, torch.Generator().manual_seed(0))
    assert set(losses) == {"loss", "action", "regression", "recall", *(["witness"] if kind == "symbolic" else [])}
    losses["loss"].backward()
    silent = [name for name, part in policy.named_parameters() if part.grad is None or not part.grad.any()]
    # With guidance 1 and few draws no condition need have been dropped.
    assert [name for name in silent if "uncondition" not in name] == []


def test_padding_and_what_is_not_to_be_imitated_count_for_nothing():
    policy, whole = make(regression_weight=1.0), batch()
    valid = whole.valid.clone()
    valid[:, 3:] = False
    one = replace(whole, valid=valid)
    action = whole.action.clone()
    action[:, 3:] = torch.nan
    pixels = whole.observation["pixels"].clone()
    pixels[:, 3:] = 0
    two = replace(one, action=action, observation={**whole.observation, "pixels": pixels})
    losses = [policy.loss(each, None, torch.Generator().manual_seed(0))[0]["loss"] for each in (one, two)]
    assert torch.isfinite(losses[0])
    assert torch.equal(losses[0], losses[1])


def test_a_stream_hands_its_memory_on():
    policy, whole = make(), batch(frames=6)
    first = whole.map(lambda part: part if part.dim() == 1 else part[:, :3])
    second = whole.map(lambda part: torch.zeros_like(part) if part.dim() == 1 else part[:, 3:])
    with torch.no_grad():
        _, _, memory = policy.remembered(first)
        seen, thought, _ = policy.remembered(second, memory)
        expected = policy.remembered(whole)
    torch.testing.assert_close(seen, expected[0][:, 3:])
    torch.testing.assert_close(thought, expected[1][:, 3:])


def test_instructions_are_part_of_the_state():
    policy = make(tasks=("touch the cup", "push the box"))
    (observation,) = stream(2, 1)
    with pytest.raises(ConfigError, match="push the box"):
        policy.predict(observation)
    both = policy.initial_state(2, seeds=[0, 0], texts=["touch the cup", "push the box"])
    same = {name: np.repeat(part[:1], 2, 0) for name, part in observation.items()}
    action, _ = policy.predict(same, both, np.ones(2, bool))
    assert not np.array_equal(action[0], action[1])
    policy.instruct("push the box")
    told, _ = policy.predict(take(observation, 0), None, True)
    assert told.shape == (A,)
    for wrong in ("", "  ", "x" * 600, None, 3):
        with pytest.raises(ConfigError):
            policy.instruct(wrong)


def test_what_is_wrong_is_said():
    policy, (observation,) = make(), stream(2, 1)
    with pytest.raises(ConfigError, match="memory"):
        MemoryVLA.for_data(spec(), memori="bank")
    with pytest.raises(ConfigError, match="depth"):
        make(expert_kwargs={"dephth": 2})
    with pytest.raises(ConfigError, match="labels"):
        make(recall_weight=0.1)
    with pytest.raises(ConfigError, match=r"loading\.labels"):
        make(recall_weight=0.1, labels=3).loss(batch(), None, torch.Generator())
    with pytest.raises(ConfigError, match="regression_heads"):
        make(regression_weight=1.0, regression_heads=3)
    with pytest.raises(ConfigError, match="execute"):
        make(execute=9)
    with pytest.raises(SpaceError, match="picture"):
        MemoryVLA(gym.spaces.Dict(proprio=OBSERVATIONS["proprio"]), ACTIONS)
    with pytest.raises(SpaceError, match="goal"):
        MemoryVLA(gym.spaces.Dict({**OBSERVATIONS.spaces, "goal": gym.spaces.Discrete(3)}), ACTIONS)
    with pytest.raises(SpaceError):
        MemoryVLA(OBSERVATIONS, gym.spaces.Discrete(3))
    broken = {**observation, "proprio": np.full((2, D), np.nan, np.float32)}
    with pytest.raises(EnvironmentFault, match="row 0, 1"):
        policy.predict(broken)
    with pytest.raises(SpaceError, match="uint8"):
        policy.predict({**observation, "pixels": observation["pixels"].astype(np.float32)})
    _, state = policy.predict(observation)
    with pytest.raises(SpaceError, match="2 episodes"):
        policy.predict(take(observation, slice(1)), state)


def test_weights_of_another_policy_are_refused(tmp_path):
    policy, other = make(), make("gru")
    with pytest.raises(CheckpointError, match="memory"):
        MemoryVLA.restore(policy.config(), other.arrays(), OBSERVATIONS, ACTIONS)
