"""The generators of the whole process can be kept and put back."""

from __future__ import annotations

import random

import numpy as np
import torch

from robomem.train import streams


def draw() -> list[float]:
    return [
        random.random(),
        random.gauss(0, 1),
        float(np.random.rand()),  # noqa: NPY002
        float(np.random.normal()),  # noqa: NPY002
        float(torch.rand(())),
        float(torch.randn(())),
    ]


def test_what_was_captured_is_drawn_again() -> None:
    draw()  # an odd number of Gaussians leaves one half of a pair behind
    state = streams.capture()
    first = draw()
    assert draw() != first
    streams.restore(state)
    assert draw() == first


def test_a_block_can_leave_no_trace() -> None:
    state = streams.capture()
    expected = draw()
    streams.restore(state)
    with streams.untouched():
        draw()
    assert draw() == expected
