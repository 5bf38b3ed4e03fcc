"""Invariants of consolidation."""

import pytest
import torch
from banks import build, stream
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.bank import BankConfig

seeds = st.integers(0, 2**20)


def observed(config, x, time):
    bank, no = build(config), torch.zeros(len(x), dtype=torch.bool)
    state = bank.initial_state(len(x))
    for t in range(x.shape[1]):
        state = bank.observe(x[:, t], time[:, t], state, no)
        yield state


@settings(max_examples=40)
@given(
    seeds,
    st.integers(1, 5),
    st.sampled_from(["merge", "weighted_merge", "fifo", "none"]),
    st.sampled_from(["first", "average"]),
)
def test_lengths_counts_and_times(seed, length, consolidate, merged_time):
    config = BankConfig(length=length, consolidate=consolidate, merged_time=merged_time)
    x, time, _ = stream(seed, 2, 12)
    x[1, 3:8] = x[1, 2:3]  # frames that do not change, which are all equally alike
    for writes, state in enumerate(observed(config, x, time), start=1):
        held = min(writes, length)
        assert (state["length"] == held).all()
        total = writes if "merge" in consolidate else held
        assert (state["count"].sum(1) == total).all()
        assert (state["count"][:, :held] >= 1).all()
        assert (state["time"][:, :held].diff() > 0).all()
        assert not state["tokens"][:, held:].any()
        if merged_time == "first" and "merge" in consolidate:
            assert torch.equal(state["time"][:, 0], time[:, 0])


@settings(max_examples=30)
@given(seeds, st.integers(1, 5))
def test_weighted_merges_keep_the_weighted_mean_of_all_tokens(seed, length):
    x, time, _ = stream(seed, 2, 12)
    config = BankConfig(length=length, consolidate="weighted_merge", merged_time="average")
    *_, state = observed(config, x, time)
    count = state["count"].double()
    mean = (state["tokens"] * count[..., None, None]).sum(1) / 12
    torch.testing.assert_close(mean, x.mean(1))
    torch.testing.assert_close(((state["time"] * count).sum(1) / 12).float(), time.mean(1), atol=1e-3, rtol=1e-5)


def test_a_bank_of_one_is_the_mean_of_all():
    x, time, _ = stream(0, 2, 7)
    *_, state = observed(BankConfig(length=1, consolidate="weighted_merge"), x, time)
    torch.testing.assert_close(state["tokens"][:, 0], x.mean(1))


def test_distinct_frames_survive_what_looks_alike():
    """The reason to merge: a cue that was seen once is kept among many frames of waiting; a queue drops it."""
    generator = torch.Generator().manual_seed(0)
    cue, waiting = torch.randn(2, 3, 8, generator=generator, dtype=torch.float64)
    frames = torch.stack([cue] + [waiting] * 30)
    frames += 0.01 * torch.randn(frames.shape, generator=generator, dtype=torch.float64)
    time = torch.arange(31.0)[None]
    *_, merged = observed(BankConfig(length=4), frames[None], time)
    *_, queue = observed(BankConfig(length=4, consolidate="fifo"), frames[None], time)
    assert torch.equal(merged["tokens"][0, 0], frames[0])
    assert queue["time"].tolist() == [[27.0, 28.0, 29.0, 30.0]]


def test_of_equally_alike_neighbours_the_first_are_merged():
    frame = torch.ones(1, 3, 8, dtype=torch.float64)
    *_, state = observed(BankConfig(length=3), frame.expand(4, -1, -1, -1).transpose(0, 1), torch.arange(4.0)[None])
    assert state["count"].tolist() == [[2, 1, 1]]
    assert state["time"].tolist() == [[0.0, 2.0, 3.0]]


@pytest.mark.parametrize("consolidate", ["merge", "weighted_merge", "fifo"])
def test_zero_tokens_do_no_harm(consolidate):
    x = torch.zeros(1, 6, 3, 8, dtype=torch.float64)
    *_, state = observed(BankConfig(length=2, consolidate=consolidate), x, torch.arange(6.0)[None])
    assert state["tokens"].isfinite().all()
    assert state["length"].tolist() == [2]


def test_none_keeps_the_first_and_refuses_the_rest():
    x, time, _ = stream(0, 1, 6)
    *_, state = observed(BankConfig(length=3, consolidate="none"), x, time)
    assert torch.equal(state["tokens"], x[:, :3])
    assert torch.equal(state["time"], time[:, :3])
