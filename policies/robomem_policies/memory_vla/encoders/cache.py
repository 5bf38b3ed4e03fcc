"""What a frozen encoder said about frames, on disk: each frame is encoded once, and training reads its tokens.

A folder holds safetensors files of rows ``KEY.raw`` and ``KEY.cognition``; a key is a hash of the encoder, the images
and the instruction. Several processes may fill one folder: files are written atomically and never changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from robomem.errors import ConfigError, DataError
from robomem.serialization import write_atomically
from robomem_policies.memory_vla.encoders.hub.encoder import HubEncoder

__all__ = ["CachedTokens"]


class CachedTokens(nn.Module):
    """A frozen ``hub`` encoder that remembers its tokens; in every other way that encoder.

    Proprioception is added after the cache, so that its weights learn.

    Args:
        encoder: made with ``freeze="all"``.
        folder: of the cache; made when missing. Any number of encoders may share it.

    Raises:
        ConfigError: the encoder learns, so that what it said would not stay true.
        DataError: a file of the folder is damaged.
    """

    def __init__(self, encoder: HubEncoder, folder: Path | str) -> None:
        super().__init__()
        if getattr(encoder, "freeze", None) != "all":
            raise ConfigError("Tokens of an encoder that learns cannot be kept; make it with freeze='all'.")
        self.encoder, self.folder = encoder, Path(folder)
        self.tokens, self.width = encoder.tokens, encoder.width
        self.cognition, self.grid = encoder.cognition, encoder.grid
        fields = encoder.config()
        model = fields["fingerprint"] or encoder.name  # a folder that was moved holds the same model
        self._identity = json.dumps([model, fields, encoder.sizes]).encode()
        self._where: dict[str, Path] = {}
        for path in sorted(self.folder.glob("*.safetensors")):
            self._enter(path)

    def __len__(self) -> int:
        """How many rows the folder holds, of all encoders."""
        return len(self._where)

    def forward(
        self, views: Mapping[str, Tensor], proprio: Tensor | None, texts: Sequence[str]
    ) -> tuple[Tensor, Tensor]:
        """Return the tokens of M frames; those that are not known are encoded in one batch and written."""
        self.encoder.check(views, proprio, texts)
        keys = [self._key(views, row, text) for row, text in enumerate(texts)]
        fresh = {key: row for row, key in enumerate(keys) if key not in self._where}
        if fresh:
            rows = torch.tensor(list(fresh.values()))
            some = {name: views[name][rows.to(views[name].device)] for name in self.encoder.sizes}
            raw, cognition = self.encoder.look(some, [texts[row] for row in rows.tolist()])
            self._write(list(fresh), raw.cpu(), cognition.cpu())
        raw, cognition = self._read(keys)
        device = next(self.encoder.parameters()).device
        return raw.to(device), self.encoder.with_proprio(cognition.to(device), proprio)

    def learn(self, texts: Sequence[str]) -> None:
        """Check the instructions; see ``HubEncoder.learn``."""
        self.encoder.learn(texts)

    def config(self) -> dict[str, Any]:
        """Return the encoder's own fields: a saved policy encodes what it sees and knows no cache."""
        return self.encoder.config()

    def saved(self) -> dict[str, Tensor]:
        """Return what the encoder saves."""
        return self.encoder.saved()

    def restore(self, arrays: Mapping[str, Tensor]) -> None:
        """Take what ``saved`` returned."""
        self.encoder.restore(arrays)

    def _key(self, views: Mapping[str, Tensor], row: int, text: str) -> str:
        digest = hashlib.blake2b(self._identity, digest_size=16)
        for name in self.encoder.sizes:
            digest.update(views[name][row].cpu().numpy().tobytes())
        digest.update(text.encode())
        return digest.hexdigest()

    def _write(self, keys: Sequence[str], raw: Tensor, cognition: Tensor) -> None:
        rows = {}
        for key, tokens, token in zip(keys, raw, cognition):
            rows[f"{key}.raw"], rows[f"{key}.cognition"] = tokens.clone(), token.clone()
        name = hashlib.blake2b("".join(keys).encode(), digest_size=16).hexdigest()
        path = self.folder / f"{name}.safetensors"
        write_atomically(path, safetensors.torch.save(rows))
        self._enter(path)

    def _enter(self, path: Path) -> None:
        try:
            with safetensors.safe_open(path, "pt") as file:
                names = list(file.keys())
        except (SafetensorError, OSError) as error:
            raise _damaged(path) from error
        self._where |= {name.removesuffix(".raw"): path for name in names if name.endswith(".raw")}

    def _read(self, keys: Sequence[str]) -> tuple[Tensor, Tensor]:
        found: dict[str, tuple[Tensor, Tensor]] = {}
        for path in {self._where[key] for key in keys}:
            try:
                with safetensors.safe_open(path, "pt") as file:
                    for key in {key for key in keys if self._where[key] == path}:
                        found[key] = file.get_tensor(f"{key}.raw"), file.get_tensor(f"{key}.cognition")
            except (SafetensorError, OSError) as error:
                raise _damaged(path) from error
        rows = [found[key] for key in keys]
        return torch.stack([raw for raw, _ in rows]), torch.stack([cognition for _, cognition in rows])


def _damaged(path: Path) -> DataError:
    return DataError(f"{path} is damaged; delete it, and what it held is encoded again.")
