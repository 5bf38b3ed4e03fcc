"""Laws of the parts: schedule, averaged weights, batches ahead, held-out episodes, tensors as arrays."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from cloner import record
from hypothesis import given
from hypothesis import strategies as st

from robomem.data.imitation import Demonstrations, GroupLoader, Loading, StreamLoader
from robomem.errors import CheckpointError, ConfigError
from robomem.train.arrays import from_tensors, into_tensors
from robomem.train.imitation.average import Average
from robomem.train.imitation.prefetch import ahead
from robomem.train.imitation.same_data import fingerprint
from robomem.train.imitation.source import split
from robomem.train.schedule import rate

shares = st.floats(0, 1)


@given(steps=st.integers(1, 500), warmup=st.integers(0, 100), decay=shares)
def test_the_rate_rises_stays_and_falls(steps: int, warmup: int, decay: float) -> None:
    rates = np.array([rate(step, steps, warmup, decay) for step in range(steps)])
    assert (rates > 0).all()
    assert (rates <= 1).all()
    stable = np.arange(steps) <= steps * (1 - decay)
    assert (np.diff(rates[stable]) >= 0).all()
    assert (rates[stable & (np.arange(steps) >= warmup)] == 1).all()
    if warmup == 0:
        assert (np.diff(rates[~stable]) < 0).all()


@given(step=st.integers(0, 79), more=st.integers(100, 1000))
def test_up_to_its_decay_the_schedule_does_not_know_the_end(step: int, more: int) -> None:
    assert rate(step, 100, 10, 0.2) == rate(step, more, 10, 0.2)


def test_the_average_is_the_weighted_sum_of_the_past() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    average, expected = Average([weight], 0.9), weight.detach().clone()
    for step in range(200):
        with torch.no_grad():
            weight += 0.1
        average.update(step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * weight.detach()
    torch.testing.assert_close(average.averages[0], expected)
    before = weight.detach().clone()
    with contextlib.suppress(KeyboardInterrupt), average.in_place():
        torch.testing.assert_close(weight.detach(), expected)
        raise KeyboardInterrupt
    assert torch.equal(weight.detach(), before)


@given(begin=st.integers(0, 5), count=st.integers(0, 20), workers=st.integers(0, 4))
def test_batches_come_in_order(begin: int, count: int, workers: int) -> None:
    assert list(ahead(lambda step: step**2, begin, begin + count, workers)) == [
        step**2 for step in range(begin, begin + count)
    ]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_batch_that_fails_fails_when_its_turn_comes(workers: int) -> None:
    def make(step: int) -> int:
        if step == 3:
            raise ValueError("no third")
        return step

    batches = ahead(make, 0, 9, workers)
    assert [next(batches) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="no third"):
        next(batches)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


@pytest.mark.parametrize("share", [0.01, 0.25, 0.5])
def test_held_out_episodes_are_never_learnt_from(data: Path, share: float) -> None:
    frames = Demonstrations([data]).frames()
    training, kept = split(frames, share, 7)
    assert kept is not None
    assert not set(training.first) & set(kept.first)
    assert sorted([*training.first, *kept.first]) == frames.first.tolist()
    for part, other in ((training, kept), (kept, training)):
        theirs = {float(frames.action[first, 0]) for first in other.first}
        for kind, sampler in ((GroupLoader, "uniform"), (GroupLoader, "window"), (StreamLoader, "stream")):
            loader = kind(part, Loading(sampler=sampler, groups=3, frames=(4, 4)), 3)
            seen = {float(number) for step in range(9) for number in loader.batch(step).action[..., 0].flat}
            assert not seen & theirs
    again, _ = split(frames, share, 7)
    assert again.first.tolist() == training.first.tolist()


def test_nothing_is_held_out_of_one_episode(tmp_path: Path) -> None:
    frames = Demonstrations([record(tmp_path / "one", 1)]).frames()
    assert split(frames, 0.0, 0) == (frames, None)
    with pytest.raises(ConfigError, match="leaves none to learn from"):
        split(frames, 0.1, 0)


def test_a_fingerprint_knows_content_and_not_place(tmp_path: Path) -> None:
    one, same, other = (record(tmp_path / name, 3, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1)))
    assert fingerprint([one]) == fingerprint([same]) != fingerprint([other])
    next((same / "data").rglob("*.parquet")).open("ab").write(b"x")
    assert fingerprint([one]) != fingerprint([same])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64, torch.bool])
def test_tensors_come_back_to_the_bit(dtype: torch.dtype) -> None:
    tensors = {"matrix": torch.randn(3, 4).to(dtype), "scalar": torch.tensor(1.7).to(dtype)}
    back = {name: torch.zeros_like(tensor) for name, tensor in tensors.items()}
    into_tensors("weights", back, from_tensors(tensors))
    assert all(torch.equal(back[name], tensors[name]) for name in tensors)
    for wrong in ({"matrix": np.zeros((3, 5), np.float32)}, {}):
        with pytest.raises(CheckpointError, match="weights are of another architecture: matrix"):
            into_tensors("weights", back, wrong)
