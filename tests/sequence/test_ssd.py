"""The chunked scan against the recurrence it stands for, step by step."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.sequence.ssd import scan, scan_alone, scan_step


def recurrence(x, dt, a, b, c, state, episode):
    outputs, present = [], torch.zeros(len(x), dtype=torch.int64)
    for t in range(x.shape[1]):
        state = torch.where((episode[:, t] != present)[:, None, None, None], 0.0, state)
        present = episode[:, t]
        state = (dt[:, t] * a).exp()[:, None, :, None] * state + torch.einsum(
            "bn,bh,bhp->bnhp", b[:, t], dt[:, t], x[:, t]
        )
        outputs.append(torch.einsum("bn,bnhp->bhp", c[:, t], state))
    return torch.stack(outputs, 1), state


def problem(seed, steps, odds=0.0, strength=1.0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=dtype)

    dt = torch.nn.functional.softplus(normal(2, steps, 3))
    inputs = normal(2, steps, 3, 4), dt, -strength * normal(3).exp(), normal(2, steps, 5), normal(2, steps, 5)
    episode = (torch.rand(2, steps, generator=generator) < odds).cumsum(1)
    return *inputs, normal(2, 5, 3, 4), episode


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**20),
    steps=st.integers(1, 23),
    block=st.integers(1, 9),
    odds=st.sampled_from([0.0, 0.2]),
    strength=st.sampled_from([1e-3, 1.0, 1e3]),  # the last overflows the factored form and takes the masked one
)
def test_scan_is_the_recurrence(seed, steps, block, odds, strength):
    inputs = problem(seed, steps, odds, strength)
    for actual, expected in zip(scan(*inputs, block), recurrence(*inputs), strict=True):
        torch.testing.assert_close(actual, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("strength", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("block", [5, 17, 64])
def test_alone_is_the_scan_from_zeros(strength, block):
    *inputs, state, episode = problem(7, 17, 0.0, strength)
    expected, _ = scan(*inputs, torch.zeros_like(state), episode, block)
    torch.testing.assert_close(scan_alone(*inputs, block), expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("strength", [1.0, 1e3])
def test_gradients_are_the_recurrences(strength):
    *inputs, episode = problem(5, 13, 0.2, strength)
    leaves = [value.requires_grad_() for value in inputs]
    y, last = scan(*leaves, episode, 4)
    expected, expected_last = recurrence(*leaves, episode)
    weigh = torch.randn_like(y)
    ours = torch.autograd.grad((y * weigh).sum() + last.sum(), leaves)
    theirs = torch.autograd.grad((expected * weigh).sum() + expected_last.sum(), leaves)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("strength", [0.02, 0.5, 1.5, 2.5, 10.0])
def test_single_precision_keeps_its_digits_up_to_the_edge_of_the_factored_form(strength):
    inputs = problem(7, 256, 0.02, strength, torch.float32)
    exact = [value.double() if value.is_floating_point() else value for value in inputs]
    y, _ = scan(*inputs, 64)
    expected, _ = recurrence(*exact)
    torch.testing.assert_close(y.double(), expected, rtol=1e-4, atol=1e-4)


def test_an_episode_start_cuts_bit_for_bit():
    x, dt, a, b, c, state, episode = problem(9, 12)
    episode[:, 7:] = 1
    y, last = scan(x, dt, a, b, c, state, episode, 4)
    z, other = scan(x, dt, a, b, c, 100 * state, episode, 4)
    assert torch.equal(y[:, 7:], z[:, 7:])
    assert torch.equal(last, other)


def test_step_is_the_recurrence():
    x, dt, a, b, c, state, episode = problem(11, 1)
    y, last = scan_step(x[:, 0], dt[:, 0], a, b[:, 0], c[:, 0], state)
    expected, expected_last = recurrence(x, dt, a, b, c, state, episode)
    torch.testing.assert_close(y, expected[:, 0])
    torch.testing.assert_close(last, expected_last)


@pytest.mark.gpu
def test_the_cuda_kernel_is_the_scan():
    pytest.importorskip("mamba_ssm")
    inputs = problem(13, 200, 0.02, 0.1, torch.float32)
    expected = scan(*inputs, 64)
    actual = scan(*(value.cuda() for value in inputs), 64)
    for a, b in zip(actual, expected, strict=True):
        torch.testing.assert_close(a.cpu(), b, rtol=1e-2, atol=1e-2)
