"""Self-supervision: what is remembered must tell what is seen (Lampinen et al. 2021, figure 1d).

Reconstructing the observation from the memory's output makes memories store it before any reward asks for it. Vectors
are compared by squared error after normalisation, pixels and tokens by cross-entropy, every part averaged over itself.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from robomem_policies.recall.encoders import ObservationEncoder
from robomem_policies.recall.images import ImageDecoder, unit_range
from robomem_policies.recall.mlp import linear

__all__ = ["Reconstruction"]


class Reconstruction(nn.Module):
    """Decoders for every part of the observation.

    Args:
        encoder: whose input they reconstruct.
        inputs: width of the memory's output.
    """

    def __init__(self, encoder: ObservationEncoder, inputs: int) -> None:
        super().__init__()
        self.vector = linear(inputs, encoder.vector_size, gain=1.0) if encoder.vector_size else None
        self.tokens = nn.ModuleDict(
            {name: linear(inputs, sum(part.counts), gain=1.0) for name, part in encoder.tokens.items()}  # type: ignore[arg-type]
        )
        self.images = nn.ModuleDict(
            {
                name: ImageDecoder(part, inputs, (encoder.parts[name].shape or ())[-1])  # type: ignore[arg-type]
                for name, part in encoder.images.items()
            }
        )

    def loss(self, remembered: Tensor, observation: dict[str, Tensor], encoder: ObservationEncoder) -> Tensor:
        """Return the sum over the parts of the mean error of each.

        Args:
            remembered: [N, F] output of the memory.
            observation: what was seen, as ``encoder.tensors`` returns it.
            encoder: the one that encoded it.
        """
        losses: list[Tensor] = []
        vector = encoder.vector(observation)
        if self.vector is not None and vector is not None:
            losses.append(functional.mse_loss(self.vector(remembered), vector))
        for name, decode in self.tokens.items():
            logits = decode(remembered).split(encoder.tokens[name].counts, -1)
            targets = observation[name].unbind(-1)
            losses += [functional.cross_entropy(part, target) / len(logits) for part, target in zip(logits, targets)]
        for name, decode in self.images.items():
            target = unit_range(observation[name])
            losses.append(functional.binary_cross_entropy_with_logits(decode(remembered), target))
        return torch.stack(losses).sum()
