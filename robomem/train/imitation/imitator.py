"""What a policy that learns from demonstrations is to the trainer."""

from __future__ import annotations

from typing import Any, Protocol, cast

import torch
from torch import Tensor

from robomem.data.batch import Batch
from robomem.data.imitation.spec import DataSpec
from robomem.policy import Saveable, policies

__all__ = ["Imitator", "Memory", "memory_vla"]

Memory = dict[str, Tensor] | None
"""What streams remember: each with a first axis of streams; None for groups, which begin empty."""


class Imitator(Saveable, Protocol):
    """A policy that is a ``torch.nn.Module`` and tells how far it is from a batch of demonstrations.

    Attributes:
        chunk: H, the actions of a chunk in the batches that it takes.
    """

    chunk: int

    @classmethod
    def for_data(cls, spec: DataSpec, **kwargs: Any) -> Imitator:
        """Make a policy for demonstrations.

        Args:
            spec: what they hold.
            kwargs: the policy's own settings.

        Raises:
            ConfigError: a setting does not exist or does not fit.
            SpaceError: the demonstrations lack what it must see.
        """
        ...

    def loss(
        self, batch: Batch[Tensor], memory: Memory, generator: torch.Generator
    ) -> tuple[dict[str, Tensor], Memory]:
        """Return how far the policy is from the demonstrations.

        Args:
            batch: groups or streams.
            memory: of the streams, as the previous batch left it; None for empty ones. Where ``batch.start`` holds,
                a row begins anew.
            generator: of the noise, on the policy's device.

        Returns:
            scalars, of which ``loss`` is minimised and the others are logged; and the memory for the next batch of
            the same streams, None for groups.
        """
        ...


def memory_vla() -> type[Imitator]:
    """A perceptual–cognitive memory bank with a diffusion action expert (MemoryVLA, arXiv 2508.19236)."""
    return cast("type[Imitator]", policies["memory_vla"])
