"""What the policy says about its own memory."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
import torch

from robomem.bank import STREAMS
from robomem.errors import ConfigError
from robomem_policies.memory_vla.policy import MemoryVLA

SEES = gym.spaces.Dict(pixels=gym.spaces.Box(0, 255, (32, 32, 3), np.uint8))
ACTS = gym.spaces.Box(-1, 1, (2,), np.float32)
TINY = {
    "tasks": ("touch the cup",),
    "encoder_kwargs": {"text": "hash", "width": 24, "depth": 1, "fusion": 1},
    "width": 8,
    "expert_kwargs": {"width": 32, "depth": 1, "heads": 2},
    "chunk": 4,
    "execute": 3,
}


def made(memory: str = "bank", **memory_kwargs: object) -> MemoryVLA:
    torch.manual_seed(0)
    return MemoryVLA(SEES, ACTS, memory=memory, memory_kwargs=memory_kwargs, **TINY).eval()


def frames(rows: int, steps: int) -> list[dict[str, np.ndarray]]:
    rng = np.random.default_rng(0)
    return [{"pixels": rng.integers(0, 256, (rows, 32, 32, 3), dtype=np.uint8)} for _ in range(steps)]


@pytest.mark.parametrize("way", ["predict", "observe"])
def test_entries_are_environment_steps_whether_or_not_a_chunk_was_planned(way: str) -> None:
    """Trap 1 of the release: times that count calls of the policy."""
    policy, state = made(length=8), None
    for step, frame in enumerate(frames(2, 7)):
        seen = policy.inspect(frame, state)
        assert set(seen) == set(STREAMS)
        for stream in seen.values():
            for row in range(2):
                moment = stream.row(row)
                assert (moment.now, moment.times.tolist()) == (step, list(range(step)))
        state = policy.predict(frame, state)[1] if way == "predict" else policy.observe(frame, state)


def test_a_full_bank_keeps_every_write_in_some_entry() -> None:
    policy, state = made(length=3, consolidate="weighted_merge"), None
    for step, frame in enumerate(frames(1, 9)):
        moment = policy.inspect(frame, state)["perceptual"].row(0)
        assert moment.counts.sum() == step
        assert len(moment.times) == min(step, 3)
        _, state = policy.predict(frame, state)


def test_a_row_that_begins_is_empty_and_the_others_are_not() -> None:
    policy, state = made(length=4, streams=["cognitive"]), None
    *past, now = frames(3, 4)
    for frame in past:
        _, state = policy.predict(frame, state)
    seen = policy.inspect(now, state, [False, True, False])
    assert list(seen) == ["cognitive"]
    assert [len(seen["cognitive"].row(row).times) for row in range(3)] == [3, 0, 3]
    assert seen["cognitive"].row(1).now == 0


def test_looking_changes_nothing() -> None:
    policy, looked = made(length=3), made(length=3).train()
    one = other = None
    for frame in frames(2, 6):
        expected, one = policy.predict(frame, one)
        before = None if other is None else {name: part.copy() for name, part in other.items()}
        looked.inspect(frame, other)
        assert looked.training
        assert before is None or all(np.array_equal(before[name], other[name]) for name in before)
        action, other = looked.predict(frame, other)
        assert np.array_equal(action, expected)


@pytest.mark.parametrize("memory", ["none", "gru", "stack"])
def test_a_memory_without_entries_says_so(memory: str) -> None:
    with pytest.raises(ConfigError, match="memory=bank"):
        made(memory).inspect(frames(1, 1)[0])
