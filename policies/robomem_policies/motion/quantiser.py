"""Residual vector quantisation: each layer names what the layers before it left over (Zeghidour et al. 2021).

Codebooks follow running means of the vectors they name (van den Oord et al. 2017, appendix A), not gradients; a code
that nobody uses any more is put onto a vector of the batch (Dhariwal et al. 2020).

Letters in shapes: M vectors, C numbers of a vector, K layers, V codes of a layer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["ResidualQuantiser"]


class ResidualQuantiser(nn.Module):
    """K codebooks of V vectors of C numbers.

    Args:
        layers: K.
        codes: V.
        width: C.
        decay: mu of the running means.
        dropout: share of the batches in training whose last layers, a random number of them, are left out.
    """

    codebook: Tensor
    count: Tensor
    total: Tensor
    begun: Tensor

    def __init__(self, layers: int, codes: int, width: int, decay: float, dropout: float) -> None:
        super().__init__()
        self.layers, self.codes, self.width, self.decay, self.dropout = layers, codes, width, decay, dropout
        self.register_buffer("codebook", torch.zeros(layers, codes, width))
        self.register_buffer("count", torch.ones(layers, codes))
        self.register_buffer("total", torch.zeros(layers, codes, width))
        self.register_buffer("begun", torch.zeros(layers, dtype=torch.bool))

    def encode(self, vectors: Tensor) -> Tensor:
        """Return the codes [M, K] of vectors [M, C]."""
        left, chosen = vectors, []
        for layer in range(self.layers):
            chosen.append(_nearest(left, self.codebook[layer]))
            left = left - self.codebook[layer][chosen[-1]]
        return torch.stack(chosen, -1)

    def decode(self, codes: Tensor) -> Tensor:
        """Return the sum [..., C] of the vectors that codes [..., K] name."""
        table = self.codebook.flatten(0, 1)
        return table[codes + self.codes * torch.arange(self.layers, device=codes.device)].sum(-2)

    def learn(self, vectors: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Quantise vectors [M, C] of a batch in training and let the codebooks follow them.

        Returns:
            the quantised vectors [M, C], whose gradient is that of ``vectors`` (straight through); the commitment
            loss, a scalar; and the perplexity of the first layer's codes, a scalar.
        """
        depth = self.layers
        if torch.rand((), generator=generator) < self.dropout:
            depth = int(torch.randint(1, self.layers + 1, (), generator=generator))
        left, quantised, commitment = vectors, torch.zeros_like(vectors), vectors.new_zeros(())
        perplexity = vectors.new_zeros(())
        for layer in range(depth):
            if not self.begun[layer]:
                self._begin(layer, left.detach(), generator)
            chosen = _nearest(left.detach(), self.codebook[layer])
            named = self.codebook[layer][chosen]
            commitment = commitment + (left - named).square().mean()
            used = self.follow(layer, left.detach(), chosen, generator)
            if not layer:
                share = used / used.sum()
                perplexity = torch.exp(-(share * (share + 1e-10).log()).sum())
            quantised, left = quantised + named, left - named
        return vectors + (quantised - vectors).detach(), commitment, perplexity

    @torch.no_grad()
    def follow(self, layer: int, vectors: Tensor, chosen: Tensor, generator: torch.Generator) -> Tensor:
        """Move a layer's codes towards the means of the vectors [M, C] that chose them [M]; returns counts [V]."""
        used = torch.zeros_like(self.count[layer]).index_add_(0, chosen, vectors.new_ones(len(chosen)))
        summed = torch.zeros_like(self.total[layer]).index_add_(0, chosen, vectors)
        self.count[layer].mul_(self.decay).add_(used, alpha=1 - self.decay)
        self.total[layer].mul_(self.decay).add_(summed, alpha=1 - self.decay)
        dead = self.count[layer] < 0.1 * self.count[layer].mean()
        if dead.any():
            picked = vectors[torch.randint(len(vectors), (int(dead.sum()),), generator=generator)]
            fresh = self.count[layer].mean().clamp(min=1e-3)
            self.count[layer][dead] = fresh
            self.total[layer][dead] = picked * fresh
        self.codebook[layer] = self.total[layer] / self.count[layer, :, None]
        return used

    @torch.no_grad()
    def _begin(self, layer: int, vectors: Tensor, generator: torch.Generator) -> None:
        """Put a layer's codes onto random vectors of its first batch."""
        picked = vectors[torch.randint(len(vectors), (self.codes,), generator=generator)]
        self.count[layer] = len(vectors) / self.codes
        self.total[layer] = picked * self.count[layer, :, None]
        self.codebook[layer] = picked
        self.begun[layer] = True


def _nearest(vectors: Tensor, codes: Tensor) -> Tensor:
    """Return which of the codes [V, C] is nearest to each vector [M, C]."""
    return (codes.square().sum(-1) - 2 * vectors @ codes.mT).argmin(-1)
