"""Both forms against the bank written in plain numpy."""

import torch
from banks import build, by_reference, by_steps, close, configs, same_entries, stream
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.bank import BankConfig

seeds = st.integers(0, 2**20)


@settings(max_examples=60)
@given(configs, seeds, st.integers(1, 9))
def test_steps_equal_the_reference(config, seed, frames):
    bank = build(config)
    x, time, _ = stream(seed, 2, frames)
    fused, state = by_steps(bank, x, time)
    expected, entries = by_reference(bank, x, time, torch.ones(2, frames, dtype=torch.bool))
    close(fused, expected, 1e-6)  # the encoding of time is computed in float32
    same_entries(state, entries, 1e-6)


@settings(max_examples=60)
@given(configs, seeds, st.integers(1, 9))
def test_groups_with_padding_equal_the_reference(config, seed, frames):
    bank = build(config)
    x, time, valid = stream(seed, 3, frames)
    fused, state = bank(x, time, valid)
    expected, entries = by_reference(bank, x, time, valid)
    close(fused, expected, 1e-6)
    same_entries(state, entries, 1e-6)


@settings(max_examples=30)
@given(configs, seeds)
def test_attention_and_gate_of_an_inspection_equal_the_reference(config, seed):
    from bank_reference import ReferenceBank

    bank = build(config)
    x, time, valid = stream(seed, 2, 6)
    _, state = bank(x[:, :5], time[:, :5], valid[:, :5])
    seen = bank.inspect(x[:, 5], time[:, 5], state)
    _, entries = by_reference(bank, x[:, :5], time[:, :5], valid[:, :5])
    for row, held in enumerate(entries):
        reference = ReferenceBank(bank)
        reference.entries = held
        h, mass = reference.retrieve(x[row, 5].numpy())
        close(seen.attention[row, : len(held)], torch.from_numpy(mass), 1e-6)
        assert not seen.attention[row, len(held) :].any()
        gate = {"add": 0.5, "none": 1.0}.get(config.fusion)
        gate = reference.gate(x[row, 5].numpy(), h).mean() if gate is None else gate
        assert abs(float(seen.gate[row]) - gate) < 1e-6


def test_the_gate_begins_half_open():
    torch.manual_seed(0)
    from robomem.bank import TokenBank

    for bias, share in ((0.0, 0.5), (2.0, 0.880797)):
        bank = TokenBank(16, 32, BankConfig(gate_bias=bias))
        x, time, valid = stream(1, 2, 5, torch.float32, 16, 32)
        _, state = bank(x, time, valid)
        assert (bank.inspect(x[:, 0], time[:, 0], state).gate - share).abs().max() < 0.01
