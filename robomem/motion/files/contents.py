"""What a file holds, once its size and what it says of itself are believable. Nothing here unpickles."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from robomem.errors import DataError

__all__ = ["array_of", "arrays_of", "bytes_of"]

_LARGEST = 2**30  # bytes; the longest AMASS file is a tenth of it
_MOST_ARRAYS = 100
_TROUBLE = (ValueError, OSError, EOFError, KeyError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile)


def bytes_of(path: Path, largest: int = _LARGEST) -> bytes:
    """Return a file's bytes.

    Raises:
        DataError: there is no such file, it cannot be read, or it is larger than any motion.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise DataError(f"{path} is a folder; give a file of motion in it.")
        if size > largest:
            raise DataError(f"{path} has {size:,} bytes; files of more than {largest:,} are not read. Cut it first.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist; give a file of motion.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def array_of(path: Path) -> npt.NDArray[Any]:
    """Return the array of an npy file; DataError if it is damaged, holds objects or is not what it says."""
    bytes_of(path, _LARGEST)
    try:
        with path.open("rb") as file:
            said = _said(file) + file.tell()
        if said != path.stat().st_size:
            raise DataError(f"{path} says it has {said:,} bytes and has {path.stat().st_size:,}; copy it again.")
        array: npt.NDArray[Any] = np.load(path, allow_pickle=False)
    except _TROUBLE as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is no npy file, or a damaged one ({error}); copy it again.") from error
    return array


def arrays_of(path: Path) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of an npz file.

    Raises:
        DataError: it is damaged, holds objects, or more than a motion has; nothing was unpacked then.
    """
    bytes_of(path, _LARGEST)
    try:
        total = 0
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _MOST_ARRAYS:
                raise DataError(f"{path} holds {len(members):,} arrays; a motion has a few.")
            for member in members:
                with archive.open(member) as file:
                    said = _said(file) + file.tell()
                if said != member.file_size:
                    raise DataError(f"{path}: {member.filename} says {said:,} bytes and has {member.file_size:,}.")
                total += said
        if total > _LARGEST:
            raise DataError(f"{path} unpacks to {total:,} bytes; more than {_LARGEST:,} are not read.")
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except _TROUBLE as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path} is no npz file, or a damaged one ({error}); copy it again.") from error


def _said(file: IO[bytes]) -> int:
    """Return how many bytes of numbers an npy header promises, and leave the file behind the header."""
    version = np.lib.format.read_magic(file)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(file)
    if dtype.hasobject:
        raise ValueError("it holds Python objects, which can run code")
    count = 1
    for size in shape:
        count *= int(size)
    return count * int(dtype.itemsize)
