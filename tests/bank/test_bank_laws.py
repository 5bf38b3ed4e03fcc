"""What holds for every bank: forms agree, rows do not mix, a start forgets all, padding does not exist."""

import pytest
import torch
from banks import D, N, build, by_steps, close, configs, rows_of, same_state, stream
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from robomem.bank import BankConfig
from robomem.bank.state import forget

seeds = st.integers(0, 2**20)
every = pytest.mark.parametrize("store", ["raw", "fused"])


def used(bank, rows, frames=9, seed=7, dtype=torch.float64):
    x, time, valid = stream(seed, rows, frames, dtype, bank.tokens, bank.width)
    with torch.no_grad():
        return bank(x, time, valid)[1]


@settings(max_examples=80)
@given(configs, seeds, st.integers(1, 8), st.integers(0, 8))
def test_a_group_equals_its_steps_also_from_a_used_state(config, seed, frames, before):
    bank = build(config)
    x, time, _ = stream(seed, 3, before + frames)
    start = torch.tensor([False, True, False])
    state = by_steps(bank, x[:, :before], time[:, :before])[1] if before else bank.initial_state(3)
    kept = {name: value.clone() for name, value in state.items()}
    x, time = x[:, before:], time[:, before:]
    fused, after = bank(x, time, torch.ones(3, frames, dtype=torch.bool), state, start)
    expected, stepped = by_steps(bank, x, time, state, start)
    close(fused, expected)
    same_state(after, stepped)
    assert all(torch.equal(state[name], kept[name]) for name in kept)


@pytest.mark.parametrize(("tokens", "width"), [(16, 32), (1, 64), (300, 16)])
def test_forms_agree_in_single_precision(tokens, width):
    bank = build(BankConfig(), torch.float32, tokens, width)
    x, time, _ = stream(0, 2, 20, torch.float32, tokens, width)
    fused, after = bank(x, time, torch.ones(2, 20, dtype=torch.bool))
    expected, state = by_steps(bank, x, time)
    close(fused, expected, 1e-5)
    same_state(after, state, 1e-5)


@settings(max_examples=50)
@given(configs, seeds, st.integers(0, 8))
def test_a_group_may_be_split_anywhere(config, seed, cut):
    bank = build(config)
    x, time, valid = stream(seed, 2, 8)
    fused, after = bank(x, time, valid)
    if not 0 < cut < 8:
        return
    first, state = bank(x[:, :cut], time[:, :cut], valid[:, :cut])
    second, state = bank(x[:, cut:], time[:, cut:], valid[:, cut:], state)
    close(torch.cat([first, second], 1), fused)
    same_state(state, after)


@settings(max_examples=40)
@given(configs, seeds)
def test_what_stands_in_padding_does_not_matter(config, seed):
    bank = build(config)
    x, time, valid = stream(seed, 3, 7)
    fused, after = bank(x, time, valid)
    noisy = torch.where(valid[..., None, None], x, float("nan")).requires_grad_()
    again, state = bank(noisy, torch.where(valid, time, float("inf")), valid)
    assert torch.equal(again, fused)
    assert not again[~valid].any()
    assert all(torch.equal(state[name], after[name]) for name in after)
    (gradient,) = torch.autograd.grad(again.square().sum(), noisy)
    assert gradient.isfinite().all()
    assert not gradient[~valid].any()


@every
def test_all_padding_changes_nothing(store):
    bank = build(BankConfig(length=4, store=store))
    state = used(bank, 2)
    x, time, _ = stream(3, 2, 3)
    fused, after = bank(x, time, torch.zeros(2, 3, dtype=torch.bool), state)
    assert not fused.any()
    assert all(torch.equal(state[name], after[name]) for name in after)


@settings(max_examples=40)
@given(configs, seeds)
def test_a_start_makes_a_row_as_new_to_the_last_bit(config, seed):
    bank = build(config, torch.float32)
    dirty = used(bank, 4, dtype=torch.float32)
    dirty["tokens"][1], dirty["time"][1] = float("nan"), float("inf")
    x, time, _ = stream(seed, 4, 1, torch.float32)
    start = torch.tensor([True, True, False, True])
    fused, after = bank.step(x[:, 0], time[:, 0], dirty, start)
    expected, new = bank.step(x[:, 0], time[:, 0], bank.initial_state(4), torch.ones(4, dtype=torch.bool))
    assert torch.equal(fused[start], expected[start])
    assert all(torch.equal(after[name][start], new[name][start]) for name in new)
    observed = bank.observe(x[:, 0], time[:, 0], dirty, start)
    assert all(torch.equal(observed[name], after[name]) for name in after)


@settings(max_examples=40)
@given(configs, seeds, st.permutations(range(8)))
def test_a_row_does_not_depend_on_the_others(config, seed, order):
    """To the last bit in tiles of eight rows, whatever the place and the company; else to rounding."""
    bank = build(config, torch.float32)
    x, time, _ = stream(seed, 8, 1, torch.float32)
    state = used(bank, 8, dtype=torch.float32)
    state = forget(state, torch.arange(8) % 3 == 1)  # banks with room beside full ones
    x, time, start = x[:, 0], time[:, 0], torch.zeros(8, dtype=torch.bool)
    fused, after = bank.step(x, time, state, start)
    moved, shuffled = bank.step(x[order], time[order], rows_of(state, order), start)
    assert torch.equal(moved, fused[order])
    assert all(torch.equal(shuffled[name], after[name][order]) for name in after)
    company = [order[0], *[order[1]] * 7]
    beside, kept = bank.step(x[company], time[company], rows_of(state, company), start)
    assert torch.equal(beside[0], fused[order[0]])
    assert all(torch.equal(kept[name][0], after[name][order[0]]) for name in after)
    few = order[:2]
    alone, kept = bank.step(x[few], time[few], rows_of(state, few), start[:2])
    close(alone, fused[few], 1e-4)
    same_state(kept, rows_of(after, few), 1e-4)


def test_a_group_alone_equals_it_in_a_batch():
    bank = build(BankConfig(length=4))
    x, time, valid = stream(5, 4, 7)
    fused, after = bank(x, time, valid)
    for row in range(4):
        one = slice(row, row + 1)
        alone, state = bank(x[one], time[one], valid[one])
        close(alone, fused[one])
        same_state(state, rows_of(after, one))


@every
def test_observing_writes_what_a_step_writes(store):
    bank = build(BankConfig(length=3, store=store))
    x, time, _ = stream(2, 2, 8)
    acted = seen = bank.initial_state(2)
    no = torch.zeros(2, dtype=torch.bool)
    for t in range(8):
        _, acted = bank.step(x[:, t], time[:, t], acted, no)
        seen = bank.observe(x[:, t], time[:, t], seen, no)
    assert all(torch.equal(acted[name], seen[name]) for name in acted)


def test_observing_raw_tokens_retrieves_nothing():
    bank = build(BankConfig(store="raw"))
    state, (x, time, _) = used(bank, 2), stream(1, 2, 1)
    with torch.no_grad():
        for parameter in bank.parameters():
            parameter.fill_(float("nan"))
    after = bank.observe(x[:, 0], time[:, 0], state, torch.zeros(2, dtype=torch.bool))
    assert after["tokens"].isfinite().all()


@settings(max_examples=20)
@given(configs, seeds)
def test_the_state_goes_on_from_disk(config, seed):
    bank = build(config)
    x, time, _ = stream(seed, 2, 8)
    _, state = by_steps(bank, x[:, :5], time[:, :5])
    loaded = load(save({name: value.detach().contiguous() for name, value in state.items()}))
    expected, after = by_steps(bank, x[:, 5:], time[:, 5:], state)
    fused, resumed = by_steps(bank, x[:, 5:], time[:, 5:], loaded)
    assert torch.equal(fused, expected)
    assert all(torch.equal(after[name], resumed[name]) for name in after)


def test_the_past_alone_is_seen():
    bank = build(BankConfig(length=8))
    x, time, _ = stream(4, 2, 6)
    valid = torch.ones(2, 6, dtype=torch.bool)
    fused, _ = bank(x, time, valid)
    x[:, 4:] += 1
    changed, _ = bank(x, time, valid)
    assert torch.equal(changed[:, :4], fused[:, :4])
    assert not torch.isclose(changed[:, 5], fused[:, 5]).all()


@pytest.mark.parametrize(("how", "known"), [("absolute", True), ("none", False)])
def test_keys_know_the_time(how, known):
    bank = build(BankConfig(time=how))
    x, time, _ = stream(4, 1, 5)
    valid = torch.ones(1, 5, dtype=torch.bool)
    assert torch.allclose(bank(x, time, valid)[0], bank(x, 3 * time, valid)[0]) is not known


def test_the_clock_counts_environment_steps_and_not_calls():
    bank = build(BankConfig(length=3))
    no = torch.zeros(1, dtype=torch.bool)
    state = bank.initial_state(1)
    for time in (0.0, 8.0, 16.0):
        _, state = bank.step(torch.randn(1, N, D, dtype=torch.float64), torch.tensor([time]), state, no)
    assert state["time"].tolist() == [[0.0, 8.0, 16.0]]


@pytest.mark.parametrize("unit", [1.0, 20.0])
def test_a_unit_of_steps_scales_the_clock(unit):
    slow, fast = build(BankConfig(unit=unit)), build(BankConfig())
    x, time, valid = stream(4, 2, 5)
    close(slow(x, time * unit, valid)[0], fast(x, time, valid)[0], 1e-5)


@every
def test_under_autocast_the_forms_agree_and_the_state_keeps_its_type(store):
    bank = build(BankConfig(length=4, store=store), torch.float32)
    x, time, _ = stream(4, 2, 6, torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        fused, after = bank(x.bfloat16(), time, torch.ones(2, 6, dtype=torch.bool))
        expected, state = by_steps(bank, x.bfloat16(), time)
        fused.float().square().sum().backward()
    close(fused.float(), expected.float(), 0.1)
    assert after["tokens"].dtype == state["tokens"].dtype == torch.float32
    assert all(parameter.grad.isfinite().all() for parameter in bank.parameters() if parameter.grad is not None)


@pytest.mark.gpu
@every
def test_an_accelerator_agrees_with_the_cpu(store):
    bank = build(BankConfig(length=4, store=store))
    x, time, valid = stream(4, 3, 9)
    fused, after = bank(x, time, valid)
    again, state = bank.cuda()(x.cuda(), time.cuda(), valid.cuda())
    close(again.cpu(), fused, 1e-6)
    same_state({name: value.cpu() for name, value in state.items()}, after, 1e-6)
