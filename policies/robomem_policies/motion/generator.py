"""Texts to tokens of the first layer: what is masked is told from the rest, and sampling unmasks step by step.

Masked: the tokens that a mask of ``robomem.motion.masks`` chooses are hidden and told from those before and after.
Causal (BAMM, Pinyoanuntapong et al. 2024): each token is told from those before it and from a random part that is
revealed, in half of the rows; and where a segment ends, by an END token.

Letters in shapes: B rows, n tokens, V codes, W numbers of a text latent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from robomem.motion.masks import choose
from robomem_policies.motion.alignment import Alignment
from robomem_policies.motion.config import GeneratorConfig
from robomem_policies.motion.sampling import Sampling, sample
from robomem_policies.motion.tokens_seen import Seen
from robomem_policies.motion.words import TextEncoder

__all__ = ["Generator"]


class Generator(nn.Module):
    """Masked or causal model of tokens.

    Args:
        config: sizes and choices.
        codes: V.
        longest: tokens of the longest segment that the length is told up to.
        text: learns with it.
    """

    def __init__(self, config: GeneratorConfig, codes: int, longest: int, text: TextEncoder) -> None:
        super().__init__()
        self.config, self.codes, self.longest = config, codes, longest
        self.text = text
        self.embed = nn.Embedding(codes + 2, config.width)  # codes, MASK, BEGIN
        self.seen = Seen(config, config.layers)
        self.head = nn.Linear(config.width, codes + 1)  # codes, END
        self.length = nn.Sequential(nn.Linear(config.text_width, 128), nn.GELU(), nn.Linear(128, longest))
        self.alignment = Alignment(config.text_width, config.width) if config.align else None
        if config.objective == "causal":
            self.revealed = nn.Linear(config.width, config.width)
        nn.init.normal_(self.embed.weight, std=0.02 * math.sqrt(config.width))

    @property
    def mask(self) -> int:
        """The token that stands where one is hidden."""
        return self.codes

    @property
    def end(self) -> int:
        """The token after the last."""
        return self.codes

    def logits(self, tokens: Tensor, valid: Tensor, prefix: Tensor, text: Tensor) -> Tensor:
        """Return [B, n, V] for tokens [B, n], of which some are `mask`; otherwise as `Seen`."""
        return cast(Tensor, self.head(self.seen(self.embed(tokens), valid, prefix, text))[..., : self.codes])

    def loss(
        self,
        tokens: Tensor,
        latents: Tensor,
        valid: Tensor,
        text: Tensor,
        generator: torch.Generator,
        *,
        prefix: Tensor | None = None,
        same: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """Return scalars: ``loss``, ``tokens``, ``accuracy``, ``length``, and ``contrast`` where it aligns.

        Args:
            tokens: [B, n] of the first layer.
            latents: [B, n, d] that they were made of, for the masks.
            valid: [B, n] bool.
            text: [B, W] of `text`.
            generator: of all random choices but dropout.
            prefix: [B] how many first tokens are of what went before; they are given, never masked.
            same: [B, B] bool, which rows have the same words; None for no two.
        """
        prefix = torch.zeros(len(tokens), dtype=torch.int64, device=tokens.device) if prefix is None else prefix
        target = valid & (torch.arange(tokens.shape[1], device=tokens.device) >= prefix[:, None])
        known = self.seen.sometimes_nothing(text, generator)
        if self.config.objective == "causal":
            told, truth, asked = self._causal(tokens, valid, target, prefix, known, generator)
        else:
            asked = choose(self.config.mask, latents, target, self._ratios(len(tokens), generator), generator)
            shown = self._hidden(tokens, asked, generator)
            told, truth = self.logits(shown, valid, prefix, known)[asked], tokens[asked]
        losses = {"tokens": cross_entropy(told, truth), "accuracy": (told.argmax(-1) == truth).float().mean()}
        count = (target.sum(1) - 1).clamp(0, self.longest - 1)
        losses["length"] = cross_entropy(self.length(text), count)
        loss = losses["tokens"] + 0.1 * losses["length"]
        if self.alignment is not None:
            rows = slice(0, self.config.align_rows)
            motion = self._motion(tokens[rows], valid[rows], prefix[rows], target[rows])
            alike = torch.eye(len(motion), dtype=torch.bool, device=text.device) if same is None else same[rows, rows]
            losses["contrast"] = self.alignment(text[rows], motion, alike)
            loss = loss + self.config.align_weight * losses["contrast"]
        return {"loss": loss, **losses}

    def sample(self, text: Tensor, seeds: Sequence[int], how: Sampling, **known: Any) -> tuple[Tensor, Tensor]:
        """Return tokens [B, n] and how many there are in each row [B]; see `robomem_policies.motion.sampling`."""
        return sample(self, text, seeds, how, **known)

    def _ratios(self, rows: int, generator: torch.Generator) -> Tensor:
        """Return which share of each row is masked, [B]: cosine of a random angle (Chang et al. 2022), or as set."""
        drawn = torch.cos(0.5 * math.pi * torch.rand(rows, generator=generator, dtype=torch.float64))
        if self.config.mask_ratio is None:
            return drawn
        fixed = torch.rand(rows, generator=generator) < 0.5
        return torch.where(fixed, torch.full_like(drawn, self.config.mask_ratio), drawn)

    def _hidden(self, tokens: Tensor, asked: Tensor, generator: torch.Generator) -> Tensor:
        """Return tokens with MASK in the places asked for, and a wrong token in a share of them."""
        wrong = torch.rand(tokens.shape, generator=generator).to(tokens.device) < self.config.corrupt
        random = torch.randint(self.codes, tokens.shape, generator=generator).to(tokens.device)
        return torch.where(asked, torch.where(wrong, random, self.mask), tokens)

    def _motion(self, tokens: Tensor, valid: Tensor, prefix: Tensor, target: Tensor) -> Tensor:
        """Return motion latents [B, width]: the mean over a segment of what the mixer makes of all its tokens.

        It is told no text, or the contrast would find the words in the motion latent instead of the motion.
        """
        nothing = self.seen.nothing.expand(len(tokens), -1)
        hidden = self.seen(self.embed(tokens), valid, prefix, nothing) * target[..., None]
        return cast(Tensor, hidden.sum(1) / target.sum(1, keepdim=True).clamp(min=1))

    def _causal(
        self, tokens: Tensor, valid: Tensor, target: Tensor, prefix: Tensor, text: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits [m, V + 1], what they are to be [m], and where [B, n + 1] they were asked for."""
        rows, count = tokens.shape
        share = torch.rand(rows, 1, generator=generator) * 0.5 * (torch.rand(rows, 1, generator=generator) < 0.5)
        shown = (torch.rand(rows, count, generator=generator) < share).to(tokens.device) & target
        noise = torch.rand(rows, 1, generator=generator) * 0.5 * (torch.rand(rows, 1, generator=generator) < 0.5)
        wrong = (torch.rand(rows, count, generator=generator) < noise).to(tokens.device) & target
        random = torch.randint(self.codes, tokens.shape, generator=generator).to(tokens.device)
        told = self.next_logits(torch.where(wrong, random, tokens), tokens, shown, valid, prefix, text)
        length = valid.sum(1)
        truth = pad(tokens, (0, 1)).scatter(1, length[:, None], self.end)
        asked = pad(target & ~shown, (0, 1)).scatter(1, length[:, None], True)
        return told[asked], truth[asked], asked

    def next_logits(
        self, before: Tensor, tokens: Tensor, shown: Tensor, valid: Tensor, prefix: Tensor, text: Tensor
    ) -> Tensor:
        """Return [B, n + 1, V + 1] of the causal model: what each token is, told from those before it.

        Args:
            before: [B, n] tokens as those before.
            tokens: [B, n] the tokens.
            shown: [B, n] bool, which of these are revealed to all places.
            valid: [B, n] bool.
            prefix: [B] tokens of what went before.
            text: [B, W].
        """
        begin = torch.full_like(before[:, :1], self.codes + 1)
        h = self.embed(torch.cat([begin, before], 1))
        given = shown.any(1)
        if bool(given.any()):
            index = torch.arange(tokens.shape[1], device=tokens.device)
            seen = torch.where(shown | (index < prefix[:, None]), tokens, self.mask)
            about = self.revealed(self.seen(self.embed(seen), valid, prefix, text))
            h = h + pad(about * given[:, None, None], (0, 0, 0, 1))
        there = torch.cat([torch.ones_like(valid[:, :1]), valid], 1)
        return cast(Tensor, self.head(self.seen(h, there, prefix, text, causal=True, ends=False)))
