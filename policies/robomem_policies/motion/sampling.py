"""Tokens of a segment, sampled: all at once and then again where the model was least sure, or one after the other.

Masked (MaskGIT, Chang et al. 2022; MoMask): every step tells all masked tokens, keeps the surest and masks the others
again, so many that after step s of S the share cos(pi s / 2 S) of the segment is masked. Causal: the next token until
END; then the less sure half is told once more while the surer half is revealed (BAMM).

A row's tokens follow from its own text, prefix, length and seed. Letters: B rows, n tokens, V codes, W text latent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import pad

from robomem.errors import ConfigError
from robomem_policies.motion.drawing import draw, guided, row_uniforms
from robomem_policies.motion.tokens_seen import lengths_to_valid

if TYPE_CHECKING:
    from robomem_policies.motion.generator import Generator

__all__ = ["Sampling", "sample"]

_LENGTH, _AGAIN, _STEPS = 1, 2, 16
"""Purposes of random numbers; those of step s are _STEPS + s."""


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn.

    Raises:
        ConfigError: a number is out of range.
    """

    steps: int = 12
    """of unmasking"""
    guidance: float = 4.0
    """s of classifier-free guidance; 1 is none, at half the cost"""
    temperature: float = 1.0
    """0 takes the most probable tokens"""
    top_p: float = 0.9
    """share of probability that is drawn from"""

    def __post_init__(self) -> None:
        if not isinstance(self.steps, int) or not 1 <= self.steps <= 1000:
            raise ConfigError(f"steps must be a whole number from 1 to 1000, not {self.steps!r}.")
        for name, most in (("guidance", 100.0), ("temperature", 100.0), ("top_p", 1.0)):
            value = getattr(self, name)
            if not isinstance(value, int | float) or not 0 <= value <= most:
                raise ConfigError(f"{name} must be a number from 0 to {most:g}, not {value!r}.")
        if self.top_p == 0:
            raise ConfigError("top_p 0 leaves nothing to draw from; temperature 0 takes the most probable tokens.")


@torch.inference_mode()
def sample(
    model: Generator,
    text: Tensor,
    seeds: Sequence[int],
    how: Sampling,
    *,
    lengths: Sequence[int | None] | None = None,
    prefix: Tensor | None = None,
    prefix_lengths: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Sample a segment for each row.

    Args:
        model: in evaluation mode.
        text: [B, W].
        seeds: [B].
        how: drawing.
        lengths: [B] tokens of the new segment; None where the model is to choose.
        prefix: [B, m] tokens of what went before, kept as they are.
        prefix_lengths: [B] how many of them there are in each row; all if None.

    Returns:
        tokens [B, n], each row its prefix and the new segment; and how many there are in each row [B].
    """
    rows, device = len(text), text.device
    before = torch.zeros(rows, 0, dtype=torch.int64, device=device) if prefix is None else prefix
    known = torch.full((rows,), before.shape[1], device=device) if prefix_lengths is None else prefix_lengths
    wanted = list(lengths) if lengths is not None else [None] * rows
    if model.config.objective == "causal":
        return _one_by_one(model, text, seeds, how, wanted, before, known)
    uniform = row_uniforms(seeds, _LENGTH, 1)[:, 0].to(device)
    told = draw(model.length(text), uniform, min(how.temperature, 1.0), how.top_p)[0] + 1
    new = torch.tensor([int(told[row]) if one is None else one for row, one in enumerate(wanted)], device=device)
    return _unmasked(model, text, seeds, how, new, before, known), known + new


def _unmasked(
    model: Generator, text: Tensor, seeds: Sequence[int], how: Sampling, new: Tensor, before: Tensor, known: Tensor
) -> Tensor:
    """Return tokens [B, n] by unmasking."""
    total = known + new
    most = int(total.max())
    valid = lengths_to_valid(total, most)
    hidden = valid & ~lengths_to_valid(known, most)
    tokens = pad(before, (0, most - before.shape[1])).masked_fill(hidden, model.mask).masked_fill(~valid, 0)
    for step in range(how.steps):
        logits = _logits(model, tokens, valid, known, text, how.guidance)
        numbers = _of_segment(row_uniforms(seeds, _STEPS + step, int(new.max())).to(tokens.device), known, most)
        drawn, sure = draw(logits, numbers, how.temperature, how.top_p)
        tokens = torch.where(hidden, drawn, tokens)
        left = (new * math.cos(0.5 * math.pi * (step + 1) / how.steps) + 1e-6).floor().long()
        rank = sure.masked_fill(~hidden, torch.inf).argsort(dim=1, stable=True).argsort(dim=1)
        hidden = hidden & (rank < left[:, None])
        if not bool(hidden.any()):
            break
        tokens = tokens.masked_fill(hidden, model.mask)
    return tokens


def _logits(model: Generator, tokens: Tensor, valid: Tensor, prefix: Tensor, text: Tensor, guidance: float) -> Tensor:
    if guidance == 1:
        return model.logits(tokens, valid, prefix, text)
    both = torch.cat([text, model.seen.nothing.expand_as(text)])
    twice = model.logits(tokens.repeat(2, 1), valid.repeat(2, 1), prefix.repeat(2), both)
    told, untold = twice.chunk(2)
    return guided(told, untold, guidance)


def _of_segment(numbers: Tensor, known: Tensor, most: int) -> Tensor:
    """Return [B, most] with the numbers [B, m] of a segment's tokens where these stand, behind each row's prefix."""
    place = torch.arange(most, device=numbers.device) - known[:, None]
    return numbers.gather(1, place.clamp(0, numbers.shape[1] - 1))


def _one_by_one(
    model: Generator,
    text: Tensor,
    seeds: Sequence[int],
    how: Sampling,
    wanted: Sequence[int | None],
    before: Tensor,
    known: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return tokens [B, n] and lengths [B] of the causal model."""
    most_new = torch.tensor([model.longest if one is None else one for one in wanted], device=text.device)
    fixed = torch.tensor([one is not None for one in wanted], device=text.device)
    most = int((known + most_new).max())
    tokens = pad(before, (0, most - before.shape[1]))
    none = torch.zeros_like(tokens, dtype=torch.bool)
    tokens, sure, total = _forward(model, text, seeds, how, tokens, none, known, known + most_new, fixed, _STEPS)
    tokens = tokens[:, : int(total.max())]
    place = torch.arange(tokens.shape[1], device=text.device)
    segment = (place >= known[:, None]) & (place < total[:, None])
    rank = sure[:, : tokens.shape[1]].masked_fill(~segment, -torch.inf).argsort(dim=1, descending=True).argsort(dim=1)
    shown = segment & (rank < ((total - known + 1) // 2)[:, None])
    settled = torch.ones_like(fixed)
    tokens, _, _ = _forward(model, text, seeds, how, tokens, shown, known, total, settled, _AGAIN)
    return tokens, total


def _forward(
    model: Generator,
    text: Tensor,
    seeds: Sequence[int],
    how: Sampling,
    tokens: Tensor,
    shown: Tensor,
    known: Tensor,
    total: Tensor,
    fixed: Tensor,
    purpose: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Tell the tokens [B, n] from left to right but for those known or shown.

    Returns:
        tokens, how sure each was [B, n], and where each row ended [B]: at ``total`` or, where not ``fixed``, at END.
    """
    tokens, total = tokens.clone(), total.clone()
    sure = torch.ones(tokens.shape, device=text.device)
    numbers = _of_segment(row_uniforms(seeds, purpose, tokens.shape[1] + 1).to(text.device), known, tokens.shape[1])
    guide = how.guidance != 1
    texts = torch.cat([text, model.seen.nothing.expand_as(text)]) if guide else text
    times = 2 if guide else 1
    for place in range(int(known.min()), tokens.shape[1]):
        if place >= int(total.max()):
            break
        valid = lengths_to_valid(total, tokens.shape[1])
        before, seen, there = (one.repeat(times, 1) for one in (tokens, shown, valid))
        logits = model.next_logits(before, before, seen, there, known.repeat(times), texts)[:, place]
        if guide:
            told, untold = logits.chunk(2)
            logits = guided(told, untold, how.guidance)
        closed = fixed | (place <= known)  # a segment has at least one token
        logits[closed, model.end] = -torch.inf
        drawn, probability = draw(logits, numbers[:, place], how.temperature, how.top_p)
        open_ = (place >= known) & (place < total) & ~shown[:, place]
        ends = open_ & (drawn == model.end)
        total = torch.where(ends, place, total)
        tokens[:, place] = torch.where(open_ & ~ends, drawn, tokens[:, place])
        sure[:, place] = torch.where(open_, probability, 1.0)
    return tokens, sure, total
