"""Motion to tokens and back: a convolutional autoencoder whose latents are quantised in layers (RVQ-VAE).

After MoMask (Guo et al. 2023, arXiv 2312.00063), which KMM builds on. What stands behind a clip's end never reaches
its tokens: it is set to zero before every convolution, as is what lies before the beginning.

Letters in shapes: B clips, T frames, D features, n tokens, K layers, C numbers of a latent.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, smooth_l1_loss

from robomem.errors import DataError
from robomem_policies.motion.config import TokeniserConfig
from robomem_policies.motion.quantiser import ResidualQuantiser

__all__ = ["Tokeniser"]


class Tokeniser(nn.Module):
    """RVQ-VAE over normalised features.

    Args:
        features: D.
        config: sizes.
    """

    def __init__(self, features: int, config: TokeniserConfig) -> None:
        super().__init__()
        self.features, self.config, width = features, config, config.width
        self.enter = nn.Conv1d(features, width, 3, padding=1)
        self.shrink = nn.ModuleList(nn.Conv1d(width, width, 4, stride=2, padding=1) for _ in range(config.down))
        self.encoders = nn.ModuleList(_Residual(width, config.depth) for _ in range(config.down))
        self.to_code = nn.Conv1d(width, config.code_width, 3, padding=1)
        self.quantiser = ResidualQuantiser(
            config.layers, config.codes, config.code_width, config.decay, config.quantise_dropout
        )
        self.from_code = nn.Conv1d(config.code_width, width, 3, padding=1)
        self.decoders = nn.ModuleList(_Residual(width, config.depth) for _ in range(config.down))
        self.grow = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(config.down))
        self.sharpen = nn.Conv1d(width, width, 3, padding=1)
        self.leave = nn.Conv1d(width, features, 3, padding=1)

    def whole(self, valid: Tensor) -> Tensor:
        """Return which tokens of frames [B, T] lie wholly inside their clip, [B, ceil(T / frames)] bool."""
        frames = self.config.frames
        return torch.unflatten(pad(valid, (0, -valid.shape[1] % frames)), 1, (-1, frames)).all(2)

    @torch.no_grad()
    def encode(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Return tokens [B, n, K] int64 (0 where none is) and the latents [B, n, C] before they were quantised.

        Args:
            x: [B, T, D] normalised.
            valid: [B, T] bool; frames behind the last whole token are left out.

        Raises:
            DataError: a clip is shorter than a token, or has other features.
        """
        if x.dim() != 3 or x.shape[2] != self.features or x.shape[:2] != valid.shape:
            raise DataError(f"Features [B, T, {self.features}] and valid [B, T] are asked for, not {tuple(x.shape)}.")
        whole = self.whole(valid)
        if not bool(whole.any(1).all()):
            raise DataError(f"A clip must have at least the {self.config.frames} frames of one token.")
        latents = self._latents(x, whole)
        tokens = self.quantiser.encode(latents.flatten(0, 1)).view(*whole.shape, -1)
        return tokens.masked_fill(~whole[..., None], 0), latents

    def decode(self, tokens: Tensor, whole: Tensor | None = None) -> Tensor:
        """Return normalised features [B, T, D] of tokens [B, n, K]; ``whole`` [B, n] says which there are, or all."""
        whole = torch.ones_like(tokens[..., 0], dtype=torch.bool) if whole is None else whole
        return self._frames(self.quantiser.decode(tokens), whole)

    def loss(self, x: Tensor, valid: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
        """Return scalars: ``loss``, ``reconstruction``, ``velocity``, ``commitment`` and ``perplexity``.

        In training a random window of each clip is taken and codebooks move; in evaluation neither.

        Args:
            x: [B, T, D] normalised.
            valid: [B, T] bool.
            generator: of the windows and of what the quantiser draws.
        """
        if self.training:
            x, valid = self._window(x, valid, generator)
        whole = self.whole(valid)
        latents = self._latents(x, whole)
        if self.training:
            moved, commitment, perplexity = self.quantiser.learn(latents[whole], generator)
            quantised = torch.zeros_like(latents).masked_scatter(whole[..., None], moved)
        else:
            codes = self.quantiser.encode(latents.flatten(0, 1)).view(*whole.shape, -1)
            quantised = self.quantiser.decode(codes)
            commitment = (latents - quantised)[whole].square().mean()
            share = torch.bincount(codes[..., 0][whole], minlength=self.config.codes) / whole.sum()
            perplexity = torch.exp(-(share * (share + 1e-10).log()).sum())
        kept = whole.repeat_interleave(self.config.frames, 1)
        made, x = self._frames(quantised, whole), pad(x, (0, 0, 0, kept.shape[1] - x.shape[1]))
        reconstruction = smooth_l1_loss(made[kept], x[kept])
        both = kept[:, 1:]  # a clip's frames stand together, so the frame before is there too
        velocity = smooth_l1_loss((made[:, 1:] - made[:, :-1])[both], (x[:, 1:] - x[:, :-1])[both])
        loss = reconstruction + self.config.velocity * velocity + self.config.commitment * commitment
        return {
            "loss": loss,
            "reconstruction": reconstruction,
            "velocity": velocity,
            "commitment": commitment,
            "perplexity": perplexity,
        }

    def _window(self, x: Tensor, valid: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        length = min(self.config.window, x.shape[1])
        most = (valid.sum(1) - length).clamp(min=0)
        start = (torch.rand(len(x), generator=generator) * (most.cpu() + 1)).long().to(x.device)
        index = start[:, None] + torch.arange(length, device=x.device)
        return x.gather(1, index[..., None].expand(-1, -1, x.shape[2])), valid.gather(1, index)

    def _latents(self, x: Tensor, whole: Tensor) -> Tensor:
        """Return [B, n, C] of frames [B, T, D]."""
        kept = whole.repeat_interleave(self.config.frames, 1)
        x = pad(x, (0, 0, 0, kept.shape[1] - x.shape[1]))
        h = self.enter(_cut(x.mT, kept))
        for shrink, block in zip(self.shrink, self.encoders):
            h = shrink(_cut(h.relu(), kept))
            kept = kept[:, ::2]
            h = block(h, kept)
        return cast(Tensor, self.to_code(_cut(h, kept)).mT)

    def _frames(self, quantised: Tensor, whole: Tensor) -> Tensor:
        """Return [B, T, D] of latents [B, n, C]."""
        h, kept = self.from_code(_cut(quantised.mT, whole)), whole
        for block, grow in zip(self.decoders, self.grow):
            h = block(h, kept).repeat_interleave(2, 2)
            kept = kept.repeat_interleave(2, 1)
            h = grow(_cut(h, kept))
        h = self.sharpen(_cut(h.relu(), kept))
        return cast(Tensor, self.leave(_cut(h.relu(), kept)).mT)


class _Residual(nn.Module):
    """h + conv1(relu(conv3(relu(h)))), ``depth`` times, each reaching three times as far as the one before."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        reach = [3**index for index in range(depth)]
        self.wide = nn.ModuleList(nn.Conv1d(width, width, 3, padding=one, dilation=one) for one in reach)
        self.narrow = nn.ModuleList(nn.Conv1d(width, width, 1) for _ in reach)

    def forward(self, h: Tensor, kept: Tensor) -> Tensor:
        """Return the next [B, F, T]; ``kept`` [B, T] is what lies inside the clips."""
        for wide, narrow in zip(self.wide, self.narrow):
            h = h + narrow(wide(_cut(h.relu(), kept)).relu())
        return h


def _cut(h: Tensor, kept: Tensor) -> Tensor:
    """Return [B, F, T] with zeros where no clip is."""
    return h * kept[:, None].to(h.dtype)
