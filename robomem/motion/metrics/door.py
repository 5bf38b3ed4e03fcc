"""The door to models that measure motion: they embed texts and clips in one space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from robomem.motion.clip import Clip
from robomem.registry import Registry
from robomem.types import FloatArray

__all__ = ["Embedding", "evaluators"]


class Embedding(Protocol):
    """What metrics of motion stand on."""

    def embed_texts(self, texts: Sequence[str]) -> FloatArray:
        """Return [n, d] where the texts lie."""
        ...

    def embed_clips(self, clips: Sequence[Clip]) -> FloatArray:
        """Return [n, d] where the clips lie, each alone: none depends on the others."""
        ...

    def save(self, folder: Path | str) -> None:
        """Write it as a bundle, which `load` reads."""
        ...


class EmbeddingKind(Protocol):
    """A kind of them.

    Attributes:
        fit: from a set of motions (its train split; val to stop), seed: int and options, to an `Embedding`.
        load: from a folder.
    """

    fit: Callable[..., Any]
    load: Callable[[Path | str], Any]


evaluators: Registry[Any] = Registry("evaluator of motion")
"""By name, `EmbeddingKind`s; robomem_policies registers "words-gru"."""
