"""Auxiliary losses: the regression's attention computes what it says, and finds what is remembered."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from robomem_policies.memory_vla.auxiliary import Regression

COLORS = PLACES = 16
SIZES = {"tokens": PLACES, "width": COLORS + 2, "cognition": COLORS, "chunk": 1, "action": 2}


def scenes(rows, generator):
    """Return tokens that say which colour stands where, the colour remembered, and where that one stands."""
    places = torch.stack([torch.randperm(COLORS, generator=generator) for _ in range(rows)])
    where = torch.stack([torch.arange(PLACES) // 4, torch.arange(PLACES) % 4], -1) - 1.5
    perceptual = torch.cat([torch.nn.functional.one_hot(places, COLORS), where.expand(rows, -1, -1)], -1)
    color = torch.randint(COLORS, (rows,), generator=generator)
    target = where[(places == color[:, None]).int().argmax(1)]
    return perceptual, torch.nn.functional.one_hot(color, COLORS)[:, None].float(), target[:, None]


def learnt(heads):
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    head = Regression(**SIZES, heads=heads)
    optimizer = torch.optim.Adam(head.parameters(), 3e-3)
    for _ in range(400):
        perceptual, cognitive, action = scenes(64, generator)
        optimizer.zero_grad()
        head.loss(perceptual, cognitive, action, torch.ones(64, 1, dtype=torch.bool)).backward()
        optimizer.step()
    perceptual, cognitive, action = scenes(512, generator)
    with torch.no_grad():
        return float(head.loss(perceptual, cognitive, action, torch.ones(512, 1, dtype=torch.bool)))


def test_where_the_remembered_colour_stands_is_learnt_by_looking_for_it():
    looking, side_by_side = learnt(4), learnt(0)
    assert side_by_side > 1.0  # the mean place costs 1.25; were this learnt too, the attention would be needless
    assert looking < 0.5


@pytest.mark.parametrize("heads", [1, 4])
def test_the_attention_is_a_softmax_over_the_tokens_of_one_frame(heads):
    torch.manual_seed(1)
    head = Regression(**SIZES, heads=heads).double()
    perceptual, cognitive = torch.randn(3, PLACES, COLORS + 2).double(), torch.randn(3, 1, COLORS).double()
    found = head._found(perceptual, cognitive)[0].detach().numpy()
    for row in range(3):
        asked = head.query(torch.cat([cognitive[row, 0], perceptual[row].mean(0)])).detach().numpy()
        key, value = np.split(head.key_value(perceptual[row]).detach().numpy(), 2, axis=1)
        for part in np.split(np.arange(len(asked)), heads):
            score = np.exp(key[:, part] @ asked[part] / np.sqrt(len(part)))
            np.testing.assert_allclose(found[row, part], score / score.sum() @ value[:, part])
