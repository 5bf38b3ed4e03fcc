"""Files that survive a crash: atomic writes, checksums, JSON and safetensors. Never pickle.

A *bundle* is a folder with a ``manifest.json`` that names its other files with their SHA-256. The manifest is the
commit point: data files carry their own hash in their name, are written and synced first, and become part of the
bundle when the manifest is renamed into place. A process killed at any moment leaves the old bundle or the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy

from robomem.errors import CheckpointError, StorageError

__all__ = [
    "MANIFEST",
    "Bundle",
    "claimed",
    "move_into_place",
    "read_bundle",
    "write_atomically",
    "write_bundle",
    "write_json",
]

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
"""The file that makes a folder a bundle."""
_HASH_LENGTH = 16


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds: a JSON description and named groups of named arrays."""

    kind: str
    meta: dict[str, Any]
    arrays: dict[str, dict[str, npt.NDArray[Any]]]


def write_atomically(path: Path | str, content: bytes) -> None:
    """Write ``content`` to ``path`` so that readers see the old file or the new one, also after a power cut.

    Raises:
        StorageError: the disk is full, the folder is read-only or missing permission.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise StorageError(
            f"Cannot write {path}: {error.strerror or error}. What was there before is untouched; "
            "free some space or choose another folder."
        ) from error


def write_json(path: Path | str, value: Any) -> None:
    """Write ``value`` as indented JSON, atomically. NaN and infinity are refused."""
    write_atomically(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def move_into_place(source: Path, target: Path) -> None:
    """Rename a finished file, or a folder of finished files, so that it is there whole also after a power cut.

    Raises:
        StorageError: it cannot be done; ``source`` is where it was.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for path in [*source.rglob("*"), source] if source.is_dir() else [source]:
            if path.is_dir():
                _sync_folder(path)
            else:
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        source.rename(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise StorageError(f"Cannot write {target}: {error.strerror or error}.") from error


def write_bundle(
    directory: Path | str,
    kind: str,
    meta: Mapping[str, Any],
    arrays: Mapping[str, Mapping[str, npt.NDArray[Any]]],
) -> None:
    """Write or replace a bundle.

    Args:
        directory: the bundle's folder; made when missing.
        kind: what the bundle is, e.g. ``"policy"``; a reader must ask for the same.
        meta: JSON-serialisable description.
        arrays: groups of named arrays, one safetensors file a group.

    Raises:
        StorageError: it cannot be written; an earlier bundle there is still whole.
    """
    directory = Path(directory)
    files: dict[str, dict[str, str]] = {}
    for group, tensors in arrays.items():
        content = safetensors.numpy.save({name: np.asarray(array, order="C") for name, array in tensors.items()})
        digest = hashlib.sha256(content).hexdigest()
        name = f"{group}-{digest[:_HASH_LENGTH]}.safetensors"
        if not (directory / name).exists() or _digest(directory / name) != digest:
            write_atomically(directory / name, content)
        files[group] = {"file": name, "sha256": digest}
    body = {"format": f"robomem.{kind}", "version": FORMAT_VERSION, "files": files, "meta": dict(meta)}
    body["sha256"] = _seal(body)
    write_json(directory / MANIFEST, body)
    current = {entry["file"] for entry in files.values()}
    for stale in directory.glob("*.safetensors"):
        if stale.name not in current:
            with contextlib.suppress(OSError):
                stale.unlink()


def read_bundle(directory: Path | str, kind: str) -> Bundle:
    """Read a bundle and check every byte of it.

    Raises:
        CheckpointError: the folder is missing, half-written, of another kind or version, or was tampered with.
    """
    directory = Path(directory)
    if not (directory / MANIFEST).is_file():
        raise CheckpointError(_missing(directory, kind))
    try:
        body = json.loads((directory / MANIFEST).read_bytes())
        found, version, files, seal = body["format"], body["version"], body["files"], body.pop("sha256")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{directory / MANIFEST} is not a manifest of ours ({error}); restore or re-train."
        ) from error
    if found != f"robomem.{kind}":
        raise CheckpointError(f"{directory} holds a {found}, asked for a robomem.{kind}.")
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"{directory} has format version {version}; this RoboMem reads version {FORMAT_VERSION}. "
            "Use the RoboMem that wrote it, or train again."
        )
    if seal != _seal(body):
        raise CheckpointError(
            f"{directory / MANIFEST} was changed after it was written (checksum); refusing to load it."
        )
    arrays = {group: _read_arrays(directory, entry) for group, entry in files.items()}
    return Bundle(kind, body["meta"], arrays)


def _read_arrays(directory: Path, entry: Mapping[str, str]) -> dict[str, npt.NDArray[Any]]:
    path = directory / Path(entry["file"]).name
    if not path.is_file():
        raise CheckpointError(f"{path} is missing though the manifest names it; the copy is incomplete.")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise CheckpointError(f"{path} was changed or damaged (its checksum differs); refusing to load it.")
    return safetensors.numpy.load(content)


def _missing(directory: Path, kind: str) -> str:
    if not directory.exists():
        return f"{directory} does not exist; give the folder of a saved {kind} (it holds a {MANIFEST})."
    if directory.is_file():
        return (
            f"{directory} is a file; RoboMem loads folders with a {MANIFEST} and never opens .pt, .zip or .pkl files, "
            "since those can run code."
        )
    inside = sorted(path.parent.name for path in directory.glob(f"*/{MANIFEST}"))
    hint = f" Did you mean one of its folders {', '.join(inside)}?" if inside else ""
    return f"{directory} holds no {MANIFEST}: it is no saved {kind}, or was never finished.{hint}"


def _seal(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def temporary_sibling(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` and rename it into place on success, e.g. for a video writer."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.partial{path.suffix}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Keep other processes from writing the run in ``folder``; the system releases it when the process dies.

    Raises:
        StorageError: another process is at it, or the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"Cannot make the run folder {folder}: {error.strerror}. Choose another --out.") from error
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StorageError(
                f"{folder} is being written by another process; wait for it, stop it, or choose another --out."
            ) from error
        yield
