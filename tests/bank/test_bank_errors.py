"""What does not fit is refused, with what to do, and nothing changes."""

import pytest
import torch

from robomem.bank import BankConfig, TokenBank
from robomem.errors import ConfigError, DataError

no = torch.zeros(2, dtype=torch.bool)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"length": 0}, "length must be an integer >= 1, not 0"),
        ({"layers": 2.0}, "layers must be an integer"),
        ({"heads": True}, "heads must be an integer"),
        ({"horizon": -1}, "horizon must be"),
        ({"consolidate": "merged"}, "consolidate is 'merged'. Did you mean 'merge'"),
        ({"consolidate": None}, "Known: fifo, merge, none, weighted_merge"),
        ({"consolidate": []}, "Known: fifo, merge, none, weighted_merge"),
        ({"store": "fuse"}, "Did you mean 'fused'"),
        ({"backprop": "detached"}, "Did you mean 'detach'"),
        ({"fusion": "gated"}, "Did you mean 'gate'"),
        ({"time": "relativ"}, "Known: absolute, none"),
        ({"merged_time": "mean"}, "Known: average, first"),
        ({"unit": 0}, "unit must be a positive number"),
        ({"unit": float("nan")}, "unit must be a positive number"),
        ({"gate_bias": float("inf")}, "gate_bias must be a finite number"),
        ({"lenght": 4}, "memory bank has no field 'lenght'. Did you mean 'length'"),
    ],
)
def test_configurations(fields, message):
    with pytest.raises(ConfigError, match=message):
        BankConfig.of(fields)


def test_a_configuration_from_a_mapping():
    assert BankConfig.of({"length": 4}) == BankConfig(length=4)
    assert BankConfig.of(None) == BankConfig()
    assert TokenBank(2, 8, {"heads": 2}).config.heads == 2


def test_sizes():
    with pytest.raises(ConfigError, match="heads must divide the width: 8 / 3"):
        TokenBank(2, 8, BankConfig(heads=3))
    with pytest.raises(ConfigError, match="tokens must be"):
        TokenBank(0, 8)


@pytest.mark.parametrize(
    ("x", "time", "start", "message"),
    [
        (torch.zeros(2, 2, 9), torch.zeros(2), no, r"takes tokens \[B, 2, 8\] and times \[B\], not \[2, 2, 9\]"),
        (torch.zeros(2, 2, 8), torch.zeros(3), no, "takes tokens"),
        (torch.zeros(2, 5, 2, 8), torch.zeros(2, 5), no, "takes tokens"),
        (torch.zeros(2, 2, 8), torch.zeros(2), no[:1], "start is"),
        (
            torch.zeros(3, 2, 8),
            torch.zeros(3),
            torch.zeros(3, dtype=torch.bool),
            r"another memory bank or batch: tokens is",
        ),
    ],
)
def test_shapes(x, time, start, message):
    bank = TokenBank(2, 8)
    for act in (bank.step, bank.observe):
        with pytest.raises(ConfigError, match=message):
            act(x, time, bank.initial_state(2), start)


def test_shapes_of_groups():
    bank, x, time = TokenBank(2, 8), torch.zeros(2, 5, 2, 8), torch.zeros(2, 5)
    with pytest.raises(ConfigError, match="valid is"):
        bank(x, time, torch.ones(2, 4, dtype=torch.bool))
    with pytest.raises(ConfigError, match=r"takes tokens \[G, T, 2, 8\]"):
        bank(x[0], time[0], torch.ones(5, dtype=torch.bool))


def test_a_state_of_another_bank():
    x, time = torch.zeros(2, 2, 8), torch.zeros(2)
    with pytest.raises(ConfigError, match=r"tokens is \[2, 4, 2, 8\], this one takes \[2, 16, 2, 8\]"):
        TokenBank(2, 8).step(x, time, TokenBank(2, 8, {"length": 4}).initial_state(2), no)
    with pytest.raises(ConfigError, match="'tokens' is missing"):
        TokenBank(2, 8).step(x, time, {}, no)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_are_none(bad):
    bank = TokenBank(2, 8)
    state = bank.initial_state(2)
    for x, time in ((torch.full((2, 2, 8), bad), torch.zeros(2)), (torch.zeros(2, 2, 8), torch.full((2,), bad))):
        for act in (bank.step, bank.observe):
            with pytest.raises(DataError, match="not finite"):
                act(x, time, state, no)
        with pytest.raises(DataError, match="not finite"):
            bank(x[:, None], time[:, None], torch.ones(2, 1, dtype=torch.bool))
    assert not state["length"].any()
