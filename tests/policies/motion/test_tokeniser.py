"""Tokens of a motion follow from its frames alone, and codebooks follow the running means of what they name."""

from __future__ import annotations

import pytest
import torch

from robomem.errors import ConfigError, DataError
from robomem_policies.motion import Tokeniser, TokeniserConfig
from robomem_policies.motion.quantiser import ResidualQuantiser

SMALL = TokeniserConfig(width=16, depth=2, codes=12, code_width=6, layers=3, window=32)


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _tokeniser(config: TokeniserConfig = SMALL, features: int = 7) -> Tokeniser:
    torch.manual_seed(0)
    made = Tokeniser(features, config)
    made.quantiser.codebook.normal_()
    made.quantiser.begun.fill_(True)
    return made.eval()


def test_padding_and_neighbours_change_no_token():
    tokeniser, x = _tokeniser(), torch.randn(1, 38, 7, generator=_generator())
    alone, latents = tokeniser.encode(x, torch.ones(1, 38, dtype=torch.bool))
    batch = torch.full((3, 61, 7), 1e3)
    batch[1, :38] = x
    valid = torch.ones(3, 61, dtype=torch.bool)
    valid[1, 38:] = False
    together, also = tokeniser.encode(batch, valid)
    assert torch.equal(together[1, :9], alone[0, :9])
    assert (together[1, 9:] == 0).all()
    assert torch.allclose(also[1, :9], latents[0, :9], atol=1e-5)


def test_padding_changes_no_decoded_frame():
    tokeniser = _tokeniser()
    tokens = torch.randint(12, (2, 11, 3), generator=_generator())
    whole = torch.ones(2, 11, dtype=torch.bool)
    whole[0, 6:] = False
    together = tokeniser.decode(tokens, whole)
    assert torch.allclose(together[:1, :24], tokeniser.decode(tokens[:1, :6]), atol=1e-5)


def test_a_token_is_whole_or_is_none():
    tokeniser = _tokeniser()
    valid = torch.arange(10) < torch.tensor([[10], [8], [7], [4]])
    assert tokeniser.whole(valid).sum(1).tolist() == [2, 2, 1, 1]
    with pytest.raises(DataError, match="at least the 4 frames"):
        tokeniser.encode(torch.zeros(1, 3, 7), torch.ones(1, 3, dtype=torch.bool))
    with pytest.raises(DataError, match="asked for"):
        tokeniser.encode(torch.zeros(1, 8, 5), torch.ones(1, 8, dtype=torch.bool))


def test_a_quantised_vector_is_the_sum_of_its_codes_and_each_code_the_nearest_to_what_is_left():
    quantiser = _tokeniser().quantiser
    vectors = torch.randn(40, 6, generator=_generator())
    codes = quantiser.encode(vectors)
    left = vectors.clone()
    for layer in range(3):
        named = quantiser.codebook[layer]
        assert torch.equal(torch.cdist(left, named).argmin(1), codes[:, layer])
        left = left - named[codes[:, layer]]
    assert torch.allclose(quantiser.decode(codes), vectors - left, atol=1e-5)


def test_codebooks_are_running_means():
    quantiser = ResidualQuantiser(1, 4, 2, 0.9, 0.0)
    quantiser.codebook[0] = torch.tensor([[0.0, 0], [10, 0], [0, 10], [10, 10]])
    quantiser.total.copy_(quantiser.codebook)
    quantiser.begun.fill_(True)
    count, total = [1.0] * 4, quantiser.codebook[0].tolist()
    for step in range(5):
        vectors = quantiser.codebook[0][torch.arange(12) % 4] + torch.randn(12, 2, generator=_generator(step))
        chosen = [
            min(range(4), key=lambda code: (vector - quantiser.codebook[0][code]).square().sum()) for vector in vectors
        ]
        for code in range(4):
            mine = [vectors[row].tolist() for row in range(12) if chosen[row] == code]
            count[code] = 0.9 * count[code] + 0.1 * len(mine)
            total[code] = [0.9 * total[code][axis] + 0.1 * sum(v[axis] for v in mine) for axis in range(2)]
        quantiser.learn(vectors, _generator())
        expected = torch.tensor([[number / count[code] for number in total[code]] for code in range(4)])
        assert torch.allclose(quantiser.codebook[0], expected, atol=1e-4)


def test_a_dead_code_comes_back_on_a_vector_of_the_batch():
    quantiser = ResidualQuantiser(1, 3, 2, 0.5, 0.0)
    quantiser.codebook[0] = torch.tensor([[0.0, 0], [1, 1], [99, 99]])
    quantiser.total.copy_(quantiser.codebook)
    quantiser.begun.fill_(True)
    vectors = torch.rand(64, 2, generator=_generator())
    for step in range(6):
        quantiser.learn(vectors, _generator(step))
    assert (quantiser.codebook[0] <= 1.01).all()


def test_gradients_pass_the_quantiser_straight():
    quantiser = ResidualQuantiser(2, 8, 3, 0.9, 0.0)
    vectors = torch.randn(30, 3, requires_grad=True)
    moved, _, _ = quantiser.learn(vectors, _generator())
    moved.sum().backward()
    assert torch.equal(vectors.grad, torch.ones_like(vectors))


def test_one_batch_is_learnt_by_heart():
    torch.manual_seed(0)
    tokeniser = Tokeniser(7, SMALL)
    x = torch.randn(4, 32, 7, generator=_generator()).cumsum(1) * 0.3
    valid, optimizer = torch.ones(4, 32, dtype=torch.bool), torch.optim.AdamW(tokeniser.parameters(), lr=3e-3)
    generator, seen = _generator(), []
    for _ in range(120):
        losses = tokeniser.loss(x, valid, generator)
        optimizer.zero_grad()
        losses["loss"].backward()
        optimizer.step()
        seen.append(float(losses["reconstruction"].detach()))
    assert sum(seen[-5:]) < 0.4 * sum(seen[:5])
    before = tokeniser.quantiser.codebook.clone()
    tokeniser.eval().loss(x, valid, generator)
    assert torch.equal(before, tokeniser.quantiser.codebook)


def test_frames_behind_the_end_are_not_learnt():
    tokeniser, x = _tokeniser(), torch.randn(2, 32, 7, generator=_generator())
    valid = torch.ones(2, 32, dtype=torch.bool)
    valid[0, 17:] = False
    other = x.clone()
    other[0, 17:] = 50.0
    for name, value in tokeniser.loss(x, valid, _generator()).items():
        assert torch.allclose(value, tokeniser.loss(other, valid, _generator())[name], atol=1e-6), name


@pytest.mark.parametrize(("field", "value"), [("codes", 0), ("window", 30), ("decay", 1.0), ("velocity", float("nan"))])
def test_settings_that_cannot_be(field, value):
    with pytest.raises(ConfigError, match=field):
        TokeniserConfig(**{field: value})
