"""The short convolution against PyTorch's own, and its gradients against finite differences."""

from __future__ import annotations

import pytest
import torch

from robomem.sequence.selective import short_convolution


def _inputs(taps: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = (2, taps - 1 + 6, 3), (taps, 3), (3,)
    seen, weights, bias = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes)
    return seen.requires_grad_(), weights.requires_grad_(), bias.requires_grad_()


@pytest.mark.parametrize("taps", [1, 2, 4])
def test_it_is_a_depthwise_convolution(taps):
    seen, weights, bias = _inputs(taps)
    expected = torch.nn.functional.conv1d(seen.mT, weights.mT[:, None], bias, groups=3).mT
    torch.testing.assert_close(short_convolution(seen, weights, bias), expected)
    old = torch.full((2, 6), 99)
    torch.testing.assert_close(short_convolution(seen, weights, bias, old), expected)


@pytest.mark.parametrize("taps", [1, 4])
def test_its_gradients_are_those_of_finite_differences(taps):
    assert torch.autograd.gradcheck(short_convolution, _inputs(taps))


def test_taps_do_not_reach_behind_an_age():
    seen, weights, bias = _inputs()
    other = seen.detach().clone()
    other[:, :3] += 1.0
    age = torch.arange(6).expand(2, -1)
    torch.testing.assert_close(
        short_convolution(seen, weights, bias, age), short_convolution(other, weights, bias, age)
    )
