"""Checkpoints of a run: a bundle for each saved step, and a small file that names the latest.

A process killed at any moment leaves ``latest.json`` naming a whole bundle: the bundle is complete before it is named,
and bundles are removed only when a newer one is.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robomem.errors import CheckpointError
from robomem.serialization import MANIFEST, read_bundle, write_bundle, write_json
from robomem.train.algorithms import Groups

__all__ = ["Checkpoint", "Checkpoints"]

KEPT = 2
_FOLDER = re.compile(r"step-\d{12}")


@dataclass(frozen=True)
class Checkpoint:
    """What was saved at a step: JSON facts and named groups of named arrays."""

    step: int
    meta: dict[str, Any]
    groups: Groups


class Checkpoints:
    """The checkpoints in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def latest(self) -> Path | None:
        """The folder of the latest checkpoint; None before the first."""
        if not (self.folder / "latest.json").exists():  # killed before it was written for the first time
            return next(self._whole(), None)
        try:
            name = json.loads((self.folder / "latest.json").read_text())["folder"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{self.folder / 'latest.json'} is damaged ({error}). {self._advice()}") from error
        if not isinstance(name, str) or not _FOLDER.fullmatch(name):
            raise CheckpointError(f"{self.folder / 'latest.json'} names {name!r}, no checkpoint. {self._advice()}")
        return self.folder / name

    def save(self, checkpoint: Checkpoint) -> Path:
        """Write a checkpoint, name it the latest and remove all but the newest two.

        Raises:
            StorageError: it cannot be written; the one before is still the latest.
        """
        folder = self.folder / f"step-{checkpoint.step:012d}"
        write_bundle(folder, "checkpoint", checkpoint.meta | {"step": checkpoint.step}, checkpoint.groups)
        write_json(self.folder / "latest.json", {"folder": folder.name})
        older = sorted((path for path in self._folders() if path.name < folder.name), reverse=True)
        for stale in older[KEPT - 1 :]:
            with contextlib.suppress(OSError):
                (stale / MANIFEST).unlink()  # first, so that half a removal is no checkpoint
            shutil.rmtree(stale, ignore_errors=True)
        return folder

    def load(self) -> Checkpoint | None:
        """Read the latest checkpoint and check every byte of it; None before the first.

        Raises:
            CheckpointError: it is damaged, tampered with or from another version.
        """
        folder = self.latest
        if folder is None:
            return None
        try:
            bundle = read_bundle(folder, "checkpoint")
        except CheckpointError as error:
            raise CheckpointError(f"{error} {self._advice(without=folder)}") from error
        return Checkpoint(bundle.meta["step"], bundle.meta, bundle.arrays)

    def _folders(self) -> list[Path]:
        return [path for path in self.folder.glob("step-*") if _FOLDER.fullmatch(path.name)]

    def _whole(self, without: Path | None = None) -> Iterator[Path]:
        """Yield the folders of checkpoints that can be read, newest first."""
        for folder in sorted(self._folders(), reverse=True):
            if folder != without:
                with contextlib.suppress(CheckpointError):
                    read_bundle(folder, "checkpoint")
                    yield folder

    def _advice(self, without: Path | None = None) -> str:
        folder = next(self._whole(without), None)
        if folder is None:
            return "No other checkpoint of this run is whole."
        pointer = json.dumps({"folder": folder.name})
        return f"{folder} is whole: to go on from there, write {pointer} to {self.folder / 'latest.json'}."
