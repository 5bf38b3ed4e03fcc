"""The door to models that measure motion: they embed texts and clips in one space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from robomem.motion.clip import Clip
from robomem.registry import Registry
from robomem.types import FloatArray

if TYPE_CHECKING:
    from robomem.motion.motion_set import MotionSet

__all__ = ["Embedding", "evaluators"]


class Embedding(Protocol):
    """What metrics of motion stand on.

    Attributes:
        facts: where it comes from; ``data`` is the fingerprint of the set that it learnt from.
    """

    facts: Mapping[str, Any]

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return [n, d] where the texts lie."""
        ...

    def embed_clips(self, clips: Sequence[Clip]) -> FloatArray:
        """Return [n, d] where the clips lie; none depends on the others."""
        ...

    def save(self, folder: Path | str) -> None:
        """Write it as a bundle, which `load` reads."""
        ...

    @classmethod
    def fit(
        cls, motion_set: MotionSet, seed: int = 0, *, told: Callable[[int, int], None] | None = None, **options: Any
    ) -> Embedding:
        """Return one that learnt from the split "train" of real clips; raises DataError where that is too small."""
        ...

    @classmethod
    def load(cls, folder: Path | str) -> Embedding:
        """Return the one that was saved; raises CheckpointError where there is none."""
        ...


evaluators: Registry[type[Embedding]] = Registry("evaluator of motion")
"""By name; robomem_policies registers "words-gru"."""
