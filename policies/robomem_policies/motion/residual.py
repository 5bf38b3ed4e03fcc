"""Tokens of the layers after the first, one layer after the other, told from the layers before it (MoMask)."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from robomem_policies.motion.config import GeneratorConfig
from robomem_policies.motion.tokens_seen import Seen
from robomem_policies.motion.words import TextEncoder

__all__ = ["Residual"]


class Residual(nn.Module):
    """One network for layers 2 to K, which is told the sum of the embedded tokens so far and which layer is next.

    Args:
        config: sizes.
        codes: V.
        layers: K, at least 2.
        text: what reads words here: one of its own, so that it stands on no generator and serves several.
    """

    def __init__(self, config: GeneratorConfig, codes: int, layers: int, text: TextEncoder) -> None:
        super().__init__()
        self.text = text
        self.codes, self.layers, width = codes, layers, config.width
        self.embed = nn.Parameter(torch.randn(layers, codes, width) * 0.1)
        self.which = nn.Parameter(torch.randn(layers - 1, width) * 0.1)
        self.seen = Seen(config, config.residual_layers)
        self.heads = nn.ModuleList(nn.Linear(width, codes) for _ in range(layers - 1))

    def logits(self, tokens: Tensor, layer: int, valid: Tensor, prefix: Tensor, text: Tensor) -> Tensor:
        """Return [B, n, V] of a layer, 1 to K - 1.

        Args:
            tokens: [B, n, K]; those of the layers before are read, and of all layers in the prefix.
            layer: to tell.
            valid: [B, n] bool.
            prefix: [B] how many first tokens are of what went before.
            text: [B, W].
        """
        before = torch.arange(tokens.shape[1], device=tokens.device) < prefix[:, None]
        h = self.which[layer - 1].expand(*valid.shape, -1)
        for known in range(self.layers):
            part = self.embed[known][tokens[..., known]]
            h = h + part if known < layer else h + part * before[..., None]
        return cast(Tensor, self.heads[layer - 1](self.seen(h, valid, prefix, text)))

    def loss(
        self, tokens: Tensor, valid: Tensor, text: Tensor, generator: torch.Generator, *, prefix: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Return scalars ``loss`` and ``accuracy`` of one layer, a random one.

        Args:
            tokens: [B, n, K].
            valid: [B, n] bool.
            text: [B, W].
            generator: of the layer and of rows that learn without text.
            prefix: [B] how many first tokens are given.
        """
        prefix = torch.zeros(len(tokens), dtype=torch.int64, device=tokens.device) if prefix is None else prefix
        layer = int(torch.randint(1, self.layers, (), generator=generator))
        asked = valid & (torch.arange(tokens.shape[1], device=tokens.device) >= prefix[:, None])
        known = self.seen.sometimes_nothing(text, generator)
        told, truth = self.logits(tokens, layer, valid, prefix, known)[asked], tokens[..., layer][asked]
        return {"loss": cross_entropy(told, truth), "accuracy": (told.argmax(-1) == truth).float().mean()}

    @torch.inference_mode()
    def sample(self, tokens: Tensor, valid: Tensor, text: Tensor, *, prefix: Tensor) -> Tensor:
        """Return tokens [B, n, K] with the most probable ones in the later layers.

        Args:
            tokens: [B, n, K] with the first layer there, and in the prefix all layers.
            valid: [B, n] bool.
            text: [B, W].
            prefix: [B] how many first tokens are kept as they are.
        """
        tokens = tokens.clone()
        told = valid & (torch.arange(tokens.shape[1], device=tokens.device) >= prefix[:, None])
        for layer in range(1, self.layers):
            best = self.logits(tokens, layer, valid, prefix, text).argmax(-1)
            tokens[..., layer] = torch.where(told, best, tokens[..., layer])
        return tokens
