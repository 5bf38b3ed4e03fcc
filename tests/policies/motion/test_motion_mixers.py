"""Mixers: equal in parameters, blind to padding and to other rows; Mamba the same in both directions."""

from __future__ import annotations

import pytest
import torch

from robomem_policies.motion import GeneratorConfig
from robomem_policies.motion.bimamba import BidirectionalMamba
from robomem_policies.motion.mixers import Mixer, parameters

KINDS = ("mamba", "transformer", "gru")


def _mixer(kind: str, width: int = 32, layers: int = 2) -> Mixer:
    torch.manual_seed(0)
    return Mixer(GeneratorConfig(mixer=kind, width=width, state_size=8, head_size=16, heads=4), layers).eval()


@pytest.mark.parametrize(("width", "layers"), [(32, 2), (128, 4), (192, 4), (384, 4), (128, 1)])
def test_peers_have_as_many_parameters(width, layers):
    counts = [parameters(_mixer(kind, width, layers)) for kind in KINDS]
    assert max(counts) < 1.05 * min(counts)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_neither_padding_nor_other_rows_change_a_row(kind, causal):
    mixer, h = _mixer(kind), torch.randn(1, 9, 32)
    batch = torch.randn(3, 80, 32) * 5
    batch[1, :9] = h
    valid = torch.ones(3, 80, dtype=torch.bool)
    valid[1, 9:] = False
    alone = mixer(h, torch.ones(1, 9, dtype=torch.bool), causal)
    assert torch.allclose(mixer(batch, valid, causal)[1, :9], alone[0], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_causal_mixer_does_not_see_ahead_and_the_other_does(kind):
    mixer, h, valid = _mixer(kind), torch.randn(1, 12, 32), torch.ones(1, 12, dtype=torch.bool)
    other = h.clone()
    other[:, 7:] = torch.randn(1, 5, 32)
    assert torch.allclose(mixer(h, valid, True)[:, :7], mixer(other, valid, True)[:, :7], atol=1e-6)
    assert not torch.allclose(mixer(h, valid)[:, :7], mixer(other, valid)[:, :7], atol=1e-3)


def test_turned_round_with_directions_swapped_is_turned_round():
    torch.manual_seed(0)
    block = BidirectionalMamba(32, 8, 16, 0.0).eval()
    swapped = BidirectionalMamba(32, 8, 16, 0.0).eval()
    names = {"ahead.": "behind.", "behind.": "ahead."}
    state = {}
    for name, value in block.state_dict().items():
        direction = next((d for d in names if name.startswith(d)), "")
        state[name.replace(direction, names[direction]) if direction else name] = value
    swapped.load_state_dict(state)
    h, valid = torch.randn(2, 70, 32), torch.ones(2, 70, dtype=torch.bool)
    assert torch.allclose(swapped(h.flip(1), valid, False).flip(1), block(h, valid, False), atol=1e-5)
