"""Two banks side by side, one of them, or none."""

import pytest
import torch
from banks import close, same_state

from robomem.bank import BankConfig, PerceptualCognitiveBank
from robomem.errors import ConfigError

CONFIG = BankConfig(length=3, consolidate="weighted_merge")
no = torch.zeros(2, dtype=torch.bool)


def frames(count=7):
    generator = torch.Generator().manual_seed(1)
    x = (torch.randn(2, count, 4, 8, generator=generator), torch.randn(2, count, 1, 16, generator=generator))
    return x, 2 * torch.arange(float(count)).expand(2, -1)


def build(*streams):
    torch.manual_seed(0)
    return PerceptualCognitiveBank((4, 8), (1, 16), CONFIG, streams)


@pytest.mark.parametrize("streams", [("perceptual", "cognitive"), ("perceptual",), ("cognitive",), ()])
def test_each_stream_is_a_bank_of_its_own_and_the_others_pass_through(streams):
    bank, (x, time) = build(*streams), frames()
    state = acted = bank.initial_state(2)
    assert {name.split(".")[0] for name in state} == set(streams)
    together, after = bank(x, time, torch.ones(2, 7, dtype=torch.bool), state, no)
    for t in range(7):
        fused, acted = bank.step((x[0][:, t], x[1][:, t]), time[:, t], acted, no)
        for index, name in enumerate(("perceptual", "cognitive")):
            close(fused[index], together[index][:, t], 1e-5)
            assert torch.equal(fused[index], x[index][:, t]) is (name not in streams or t == 0)
    same_state(acted, after, 1e-5)
    seen = bank.inspect((x[0][:, 6], x[1][:, 6]), time[:, 6], after)
    assert set(seen) == set(streams)


def test_streams_forget_different_frames():
    bank, (x, time) = build("perceptual", "cognitive"), frames()
    state = bank.initial_state(2)
    for t in range(7):
        state = bank.observe((x[0][:, t], x[1][:, t]), time[:, t], state, no)
    one, other = bank.inspect((x[0][:, 6], x[1][:, 6]), time[:, 6], state).values()
    assert (one.counts.sum(1) == 7).all()
    assert (other.counts.sum(1) == 7).all()
    assert not torch.equal(one.times, other.times)


def test_a_stream_that_does_not_exist():
    with pytest.raises(ConfigError, match=r"'congitive' does not exist\. Did you mean 'cognitive'"):
        build("congitive")
    with pytest.raises(ConfigError, match="list of words"):
        PerceptualCognitiveBank((4, 8), (1, 16), CONFIG, "cognitive")
