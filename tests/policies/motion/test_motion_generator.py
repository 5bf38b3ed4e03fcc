"""The generator learns from what is masked, samples each row from its own seed, and keeps what went before."""

from __future__ import annotations

import math

import pytest
import torch
from tiny_motion import SMALL, small_model

from robomem.errors import ConfigError, UnknownNameError
from robomem_policies.motion import GeneratorConfig, Sampling
from robomem_policies.motion.alignment import Alignment
from robomem_policies.motion.drawing import draw, guided, row_uniforms
from robomem_policies.motion.words import TextEncoder

TEXTS = ["raise the left arm", "raise the right arm", "raise the left arm"]
OBJECTIVES = ("masked", "causal")


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _batch(rows: int = 3, count: int = 11):
    tokens = torch.randint(16, (rows, count, 3), generator=_generator(1))
    valid = torch.ones(rows, count, dtype=torch.bool)
    valid[1, 8:] = False
    return tokens, torch.randn(rows, count, 8, generator=_generator(2)), valid


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_padding_is_not_learnt(objective):
    model = small_model(objective=objective).generator
    tokens, latents, valid = _batch()
    other = tokens.clone()
    other[1, 8:] = 5
    text = model.text(TEXTS)
    for name, value in model.loss(tokens[..., 0], latents, valid, text, _generator()).items():
        again = model.loss(other[..., 0], latents, valid, text, _generator())[name]
        assert torch.allclose(value, again, atol=1e-5), name


def test_only_masked_tokens_are_told(monkeypatch):
    model = small_model(align=False).generator
    tokens, latents, valid = _batch()
    prefix = torch.tensor([4, 0, 2])
    shown = []
    logits = model.logits

    def watched(seen, *rest):
        shown.append(seen)
        return logits(seen, *rest)

    monkeypatch.setattr(model, "logits", watched)
    text = model.text(TEXTS)
    losses = model.loss(tokens[..., 0], latents, valid, text, _generator(3), prefix=prefix)
    asked = shown[0] != tokens[..., 0]
    assert asked.any()
    assert not (asked & ~valid).any()
    assert not asked[0, :4].any()
    assert not asked[2, :2].any()
    moved = latents.clone()
    moved[~valid] = 9.0  # what is hidden follows from the segment alone
    assert torch.equal(
        losses["tokens"], model.loss(tokens[..., 0], moved, valid, text, _generator(3), prefix=prefix)["tokens"]
    )


def test_the_prefix_is_neither_masked_nor_asked_for_in_the_residual():
    model = small_model()
    tokens, _, valid = _batch()
    text, prefix = model.generator.text(TEXTS), torch.tensor([4, 0, 2])
    made = model.residual.sample(tokens, valid, text, prefix=prefix)
    assert torch.equal(made[0, :4], tokens[0, :4])
    assert torch.equal(made[2, :2], tokens[2, :2])
    assert torch.equal(made[..., 0], tokens[..., 0])
    assert not torch.equal(made, tokens)


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("mixer", ["mamba", "transformer", "gru"])
def test_a_row_follows_from_its_own_text_prefix_and_seed(objective, mixer):
    model = small_model(objective=objective, mixer=mixer).generator
    text = model.text(TEXTS)
    prefix, known = torch.randint(16, (3, 5), generator=_generator()), torch.tensor([5, 0, 3])
    lengths = [6, 9, None]
    how = Sampling(steps=4)
    together, total = model.sample(text, [7, 8, 9], how, lengths=lengths, prefix=prefix, prefix_lengths=known)
    assert total[:2].tolist() == [11, 9]
    for row in range(3):
        given = prefix[row : row + 1, : int(known[row])]
        alone, count = model.sample(text[row : row + 1], [7 + row], how, lengths=[lengths[row]], prefix=given)
        assert int(count) == int(total[row])
        assert torch.equal(alone[0], together[row, : int(count)])
        assert torch.equal(alone[0, : int(known[row])], given[0])
    assert (together < 16).all()
    assert (together >= 0).all()
    again, _ = model.sample(text[:1], [70], how, lengths=[30])
    other, _ = model.sample(text[:1], [71], how, lengths=[30])
    assert not torch.equal(again, other)


def test_guidance_of_one_is_the_text_alone():
    model = small_model().generator
    tokens, _, valid = _batch()
    text, none = model.text(TEXTS), torch.zeros(3, dtype=torch.int64)
    told = model.logits(tokens[..., 0], valid, none, text)
    untold = model.logits(tokens[..., 0], valid, none, model.seen.nothing.expand_as(text))
    assert not torch.allclose(told, untold, atol=1e-4)
    assert torch.allclose(guided(told, untold, 1.0), told, atol=1e-5)
    assert torch.allclose(guided(told, untold, 0.0), untold)


def test_draws_follow_the_distribution_within_top_p():
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().expand(4000, 4)
    uniform = row_uniforms([3], 0, 4000)[0]
    codes, shares = draw(logits, uniform, 1.0, 0.9)
    counted = torch.bincount(codes, minlength=4) / 4000
    assert torch.allclose(counted, torch.tensor([0.5, 0.3, 0.15, 0.0]) / 0.95, atol=0.03)
    assert torch.allclose(shares, logits[0].exp()[codes])
    assert (draw(logits, uniform, 0.0, 0.9)[0] == 0).all()


def test_a_rows_numbers_do_not_depend_on_how_many_are_drawn():
    assert torch.equal(row_uniforms([1, 2], 5, 40)[:, :7], row_uniforms([2, 1], 5, 7).flip(0))


def test_the_same_words_are_no_negatives():
    torch.manual_seed(0)
    align = Alignment(4, 4)
    text, motion = torch.randn(3, 4), torch.randn(3, 4)
    text[2], motion[2] = text[0], motion[0]
    same = torch.tensor([[True, False, True], [False, True, False], [True, False, True]])
    similar = (
        align.log_scale.exp()
        * torch.nn.functional.normalize(align.text(text), dim=-1)
        @ (torch.nn.functional.normalize(align.motion(motion), dim=-1).mT)
    )
    expected = 0.0
    for table in (similar, similar.mT):
        share = table.detach().log_softmax(1)
        expected -= float((0.5 * (share[0, 0] + share[0, 2]) + share[1, 1] + 0.5 * (share[2, 0] + share[2, 2])) / 3)
    assert math.isclose(float(align(text, motion, same).detach()), expected, rel_tol=1e-5)
    align.log_scale.data.fill_(50.0)
    assert align(text, motion, same).isfinite()


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_one_batch_is_learnt_by_heart(objective):
    model = small_model(objective=objective, condition_dropout=0.0, corrupt=0.0)
    generator = model.generator.train()
    tokens = torch.stack([torch.arange(11) % 5, 10 - torch.arange(11) % 4])
    latents, valid = torch.randn(2, 11, 8, generator=_generator()), torch.ones(2, 11, dtype=torch.bool)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(150):
        losses = generator.loss(tokens, latents, valid, generator.text(TEXTS[:2]), _generator(step))
        optimizer.zero_grad()
        losses["loss"].backward()
        optimizer.step()
    generator.eval()
    made, _ = generator.sample(generator.text(TEXTS[:2]), [0, 1], Sampling(guidance=1.0), lengths=[11, 11])
    assert (made == tokens).float().mean() > 0.9


def test_words_in_another_order_are_another_text():
    torch.manual_seed(0)
    text = TextEncoder.of("words", 16, ["wave left then bow right"]).eval()
    one, two = text(["wave left then bow right", "wave right then bow left"])
    assert not torch.allclose(one, two, atol=1e-3)
    assert torch.allclose(text(["wave", "wave left then bow right"])[1], one, atol=1e-6)
    assert text.unknown("WAVE!") == ()
    assert text.unknown("winken, wave winken; jetzt") == ("winken", "jetzt")


def test_a_sentence_encoder_stands_in_or_beside():
    for kind in ("hash", "words+hash"):
        text = TextEncoder.of(kind, 16, TEXTS).eval()
        assert text(TEXTS).shape == (3, 16)
        assert text(TEXTS).isfinite().all()
    with pytest.raises(UnknownNameError, match="minilm"):
        TextEncoder.of("minilmm", 16, TEXTS)
    with pytest.raises(ConfigError, match="no text encoder"):
        TextEncoder.of("words+a+b", 16, TEXTS)


@pytest.mark.parametrize(
    ("field", "value"),
    [("mixer", "mambo"), ("mask", "densty"), ("objective", "x"), ("mask_ratio", 1.5), ("heads", 3), ("dropout", 1)],
)
def test_settings_that_cannot_be(field, value):
    with pytest.raises(ConfigError, match=field):
        GeneratorConfig(**{field: value})
    assert SMALL  # the small model's own settings are allowed
