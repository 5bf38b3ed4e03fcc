"""What every memory of the policy owes: its two forms agree, rows are apart, new episodes know nothing of old ones."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import ConfigError, UnknownNameError
from robomem_policies.memory_vla import memories

N, D, C = 3, 4, 6
KINDS = {
    "none": {},
    "gru": {"hidden": 8},
    "stack": {"frames": 3},
    "bank": {"length": 4},
}


def make(kind, **more):
    torch.manual_seed(0)
    memory = memories.make(kind, tokens=N, width=D, cognition=C, **KINDS[kind], **more).double().eval()
    with torch.no_grad():
        for part in memory.parameters():
            part.add_(0.3 * torch.randn_like(part))
    return memory


def frames(groups, count, seed=0):
    draw = torch.Generator().manual_seed(seed)
    perceptual = torch.randn(groups, count, N, D, generator=draw, dtype=torch.double)
    cognitive = torch.randn(groups, count, 1, C, generator=draw, dtype=torch.double)
    time = torch.randint(1, 5, (groups, count), generator=draw).cumsum(1).double()
    return perceptual, cognitive, time


def initial(memory, batch):
    return {
        name: part.double() if part.is_floating_point() else part for name, part in memory.initial_state(batch).items()
    }


def stepwise(memory, perceptual, cognitive, time, start=None):
    state = initial(memory, len(time))
    seen = []
    for t in range(time.shape[1]):
        begins = torch.full((len(time),), t == 0) if start is None else start[:, t]
        p, c, state = memory.step(perceptual[:, t], cognitive[:, t], time[:, t], state, begins)
        seen.append((p, c))
    return torch.stack([p for p, _ in seen], 1), torch.stack([c for _, c in seen], 1), state


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(groups=st.integers(1, 3), count=st.integers(1, 7), seed=st.integers(0, 99))
def test_learning_form_equals_acting_form(kind, groups, count, seed):
    memory = make(kind)
    perceptual, cognitive, time = frames(groups, count, seed)
    valid = torch.ones_like(time, dtype=torch.bool)
    with torch.no_grad():
        whole = memory(perceptual, cognitive, time, valid, None, None)
        single = stepwise(memory, perceptual, cognitive, time)
    torch.testing.assert_close(whole[0], single[0])
    torch.testing.assert_close(whole[1], single[1])
    assert whole[2].keys() == single[2].keys()
    for name, part in whole[2].items():
        torch.testing.assert_close(part, single[2][name], check_dtype=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_in_two_parts_is_the_stream(kind):
    memory = make(kind)
    perceptual, cognitive, time = frames(2, 6)
    valid = torch.ones_like(time, dtype=torch.bool)
    no = torch.zeros(2, dtype=torch.bool)
    with torch.no_grad():
        whole = memory(perceptual, cognitive, time, valid, None, None)
        first = memory(perceptual[:, :2], cognitive[:, :2], time[:, :2], valid[:, :2], None, None)
        second = memory(perceptual[:, 2:], cognitive[:, 2:], time[:, 2:], valid[:, 2:], first[2], no)
    torch.testing.assert_close(whole[0][:, 2:], second[0])
    torch.testing.assert_close(whole[1][:, 2:], second[1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_episode_knows_nothing_of_the_one_before(kind):
    memory = make(kind)
    perceptual, cognitive, time = frames(2, 6)
    start = torch.zeros(2, 6, dtype=torch.bool)
    start[:, 0] = True
    start[1, 3] = True
    with torch.no_grad():
        mixed = stepwise(memory, perceptual, cognitive, time, start)
        alone = stepwise(memory, perceptual[1:, 3:], cognitive[1:, 3:], time[1:, 3:])
    torch.testing.assert_close(mixed[0][1:, 3:], alone[0])
    torch.testing.assert_close(mixed[1][1:, 3:], alone[1])


@pytest.mark.parametrize("kind", KINDS)
def test_observing_remembers_what_acting_remembers(kind):
    memory = make(kind)
    perceptual, cognitive, time = frames(2, 5)
    acted = observed = initial(memory, 2)
    with torch.no_grad():
        for t in range(5):
            seen = perceptual[:, t], cognitive[:, t], time[:, t]
            begins = torch.full((2,), t == 0)
            acted = memory.step(*seen, acted, begins)[2]
            observed = memory.observe(*seen, observed, begins)
    for name, part in acted.items():
        assert torch.equal(part, observed[name]), name


@pytest.mark.parametrize("kind", ["gru", "stack", "bank"])
def test_the_past_changes_what_is_seen_now(kind):
    memory = make(kind)
    perceptual, cognitive, time = frames(1, 3)
    with torch.no_grad():
        one = stepwise(memory, perceptual, cognitive, time)
        perceptual[:, 0] += 1.0
        cognitive[:, 0] += 1.0
        other = stepwise(memory, perceptual, cognitive, time)
    assert not torch.allclose(one[0][:, -1], other[0][:, -1])
    assert not torch.allclose(one[1][:, -1], other[1][:, -1])


def test_unknown_memories_and_fields_are_said():
    with pytest.raises(UnknownNameError, match="bank"):
        memories.make("bnak", tokens=N, width=D, cognition=C)
    with pytest.raises(ConfigError, match="lenght"):
        memories.make("bank", tokens=N, width=D, cognition=C, lenght=3)
    with pytest.raises(ConfigError, match="frames"):
        memories.make("stack", tokens=N, width=D, cognition=C, frames=1)
