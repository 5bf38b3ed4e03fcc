"""How far a loss reaches."""

import pytest
import torch
from banks import build, by_steps, close, configs, stream
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.bank import BankConfig

valid = torch.ones(2, 6, dtype=torch.bool)


def reach(config, form, frames=6):
    """[frames, frames] bool: whether what came out at the row's frame depends, in gradient, on the column's."""
    bank = build(config)
    x, time, _ = stream(3, 2, frames)
    x.requires_grad_()
    fused = form(bank, x, time)
    rows = []
    for t in range(frames):
        (gradient,) = torch.autograd.grad(fused[:, t].square().sum(), x, retain_graph=True)
        rows.append(gradient.abs().amax((0, 2, 3)) > 0)
    return torch.stack(rows)


def at_once(bank, x, time):
    return bank(x, time, torch.ones(x.shape[:2], dtype=torch.bool))[0]


cases = pytest.mark.parametrize(
    ("length", "store"),
    [(8, "raw"), (3, "raw"), (8, "fused"), (3, "fused")],
    ids=["together", "merging", "fused", "both"],
)


@cases
def test_detached_entries_get_no_gradient(length, store):
    reached = reach(BankConfig(length=length, store=store, backprop="detach"), at_once)
    assert torch.equal(reached, torch.eye(6, dtype=torch.bool))


@cases
def test_within_a_group_all_entries_get_one(length, store):
    reached = reach(BankConfig(length=length, store=store, backprop="within_group"), at_once)
    assert torch.equal(reached, torch.ones(6, 6).tril().bool())


@cases
@pytest.mark.parametrize("horizon", [1, 2, 4])
def test_truncation_ends_at_multiples_of_the_horizon(length, store, horizon):
    reached = reach(BankConfig(length=length, store=store, backprop="tbptt", horizon=horizon), at_once)
    stretch = torch.arange(6) // horizon
    assert torch.equal(reached, (stretch[:, None] == stretch[None]).tril())


@pytest.mark.parametrize("backprop", ["detach", "within_group"])
def test_steps_pass_the_gradient_as_groups_do(backprop):
    config = BankConfig(length=8, backprop=backprop)
    assert torch.equal(reach(config, lambda *a: by_steps(*a)[0]), reach(config, at_once))


@settings(max_examples=25)
@given(configs.filter(lambda config: config.backprop != "tbptt"), st.integers(0, 2**20))
def test_both_forms_have_the_same_gradients(config, seed):
    bank = build(config)
    x, time, _ = stream(seed, 2, 6)
    inputs = [x.requires_grad_(), *bank.parameters()]
    one, many = (
        torch.autograd.grad(fused.square().sum(), inputs, allow_unused=True, materialize_grads=True)
        for fused in (at_once(bank, x, time), by_steps(bank, x, time)[0])
    )
    for a, b in zip(one, many):
        close(a, b, 1e-8)


@pytest.mark.parametrize("length", [2, 8])
@pytest.mark.parametrize("store", ["raw", "fused"])
def test_gradients_are_right(length, store):
    bank = build(BankConfig(length=length, store=store, consolidate="weighted_merge"), tokens=2, width=4)
    x, time, mask = stream(6, 2, 4, tokens=2, width=4)
    assert torch.autograd.gradcheck(lambda x: bank(x, time, mask)[0], x.requires_grad_())


def test_detached_entries_still_teach_the_retrieval():
    bank = build(BankConfig(length=8, backprop="detach"))
    x, time, _ = stream(3, 2, 6)
    bank(x, time, valid)[0].square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in bank.parameters())


def test_no_gradient_enters_or_leaves_a_group():
    bank = build(BankConfig(length=8))
    x, time, _ = stream(3, 2, 6)
    _, state = bank(x.requires_grad_(), time, valid)
    assert not any(value.requires_grad for value in state.values())
    _, live = by_steps(bank, x, time)
    assert live["tokens"].requires_grad
    fused, _ = bank(x.detach(), time, valid, live)
    with pytest.raises(RuntimeError, match="not have been used"):
        torch.autograd.grad(fused.sum(), x)


def test_first_frames_give_finite_gradients():
    """A frame that sees nothing has no attention to speak of."""
    bank = build(BankConfig(), torch.float32)
    x, time, _ = stream(3, 2, 1, torch.float32)
    fused, _ = bank(x.requires_grad_(), time, valid[:, :1])
    fused.sum().backward()
    assert torch.allclose(x.grad, torch.ones_like(x))
    assert all(p.grad is None or not p.grad.any() for p in bank.retrieval.parameters())


def test_no_kernel_is_asked_for_the_softmax_of_nothing(monkeypatch):
    """Some kernels answer it with NaN, and so do their gradients."""
    asked = []

    def attend(query, key, value, attn_mask, scale):
        asked.append(attn_mask)
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask, scale=scale)

    monkeypatch.setattr("robomem.bank.retrieval.scaled_dot_product_attention", attend)
    bank = build(BankConfig())
    x, time, _ = stream(3, 2, 6)
    bank(x, time, torch.tensor([[False] * 6, [True] * 6]))
    by_steps(bank, x, time)
    assert all(mask.isfinite().any(-1).all() for mask in asked)
    assert asked
