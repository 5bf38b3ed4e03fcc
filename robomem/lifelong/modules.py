"""The four memories of one namespace, and what they share: an encoder and two indexes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from robomem.errors import ConfigError
from robomem.lifelong.attempts import Attempt
from robomem.lifelong.episodic import EpisodicMemory
from robomem.lifelong.module import Module, Queries, StepTaken, Vector
from robomem.lifelong.records import Observation, check_text
from robomem.lifelong.roles import Roles
from robomem.lifelong.semantic import SemanticMemory
from robomem.lifelong.spatial import SURE_LOOK, SpatialMemory
from robomem.lifelong.store.item_mirror import ItemMirror
from robomem.lifelong.store.vectors import VectorIndex
from robomem.lifelong.temporal import TemporalMemory
from robomem.text import CachedEncoder, TextEncoder, make_encoder

__all__ = ["MODULES", "Memories"]

MODULES = ("temporal", "spatial", "episodic", "semantic")


class Memories:
    """The memories that are in use.

    Args:
        encoder: of text, by name or itself.
        roles: language models that help.
        without: memories to leave out.
        sure_look: as ``SpatialMemory``'s.

    Attributes:
        modules: by name.
        slow: names of those that ask a language model.
        encoder: of text, with a cache.
        nodes, items: their indexes.
    """

    def __init__(
        self, encoder: str | TextEncoder, roles: Roles, without: Collection[str] = (), sure_look: float = SURE_LOOK
    ) -> None:
        self.encoder = make_encoder(encoder) if isinstance(encoder, str) else CachedEncoder(encoder)
        self.nodes = VectorIndex("node", self.encoder.dimensions)
        self.items = VectorIndex("item", self.encoder.dimensions)
        mirror = ItemMirror()
        modules: dict[str, Module[Any, Any]] = {
            "temporal": TemporalMemory(compressor=roles.compressor),
            "spatial": SpatialMemory(
                self.nodes, self.encoder, sure_look=sure_look, retriever=roles.retriever, resolver=roles.resolver
            ),
            "episodic": EpisodicMemory(self.items, self.encoder, mirror=mirror),
            "semantic": SemanticMemory(
                self.items, self.encoder, creator=roles.creator, updater=roles.updater, mirror=mirror
            ),
        }
        self.modules = {name: module for name, module in modules.items() if name not in without}
        asks = {
            "temporal": (roles.compressor,),
            "spatial": (roles.retriever, roles.resolver),
            "semantic": (roles.creator, roles.updater),
        }
        self.slow = tuple(name for name in self.modules if any(role is not None for role in asks.get(name, ())))

    def step(
        self, observation: Observation, queries: Sequence[str], attempt: Attempt | None = None
    ) -> tuple[StepTaken, list[str]]:
        """Return an observation with the vectors of all its texts, computed in one batch, and notes on what failed."""
        for query in queries:
            check_text(query)
        texts = list(dict.fromkeys(text for module in self.modules.values() for text in module.texts(observation)))
        vectors, notes = self.encode([*texts, *queries])
        asked = Queries(tuple(queries), vectors[len(texts) :])
        return StepTaken(observation, dict(zip(texts, vectors)), asked, attempt), notes

    def queries(self, texts: Sequence[str]) -> tuple[Queries, list[str]]:
        """Return queries with their vectors, and notes on what failed."""
        for text in texts:
            check_text(text)
        vectors, notes = self.encode(texts)
        return Queries(tuple(texts), vectors), notes

    def encode(self, texts: Sequence[str]) -> tuple[Vector, list[str]]:
        """Return vectors [N, D]; zeros, which are like nothing, and a note where the encoder fails."""
        try:
            return self.encoder.encode(texts), []
        except ConfigError as error:
            empty = np.zeros((len(texts), self.encoder.dimensions), np.float32)
            return empty, [f"no vectors, words alone decide: {error}"]
