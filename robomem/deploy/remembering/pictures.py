"""A folder of pictures that observations refer to."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

from robomem.errors import DataError, StorageError
from robomem.serialization import write_atomically

__all__ = ["PictureFolder"]

MOST_PIXELS = 50_000_000


class PictureFolder:
    """Keeps pictures as JPEG files, made small, until it is full; nothing in it is ever deleted or changed.

    Args:
        folder: where; made if it is not there.
        most_bytes: that all pictures together may take.
        side: pixels of the longer side, to which larger pictures are scaled.

    Attributes:
        used_bytes: what they take.

    Raises:
        StorageError: the folder cannot be made or read.
    """

    def __init__(self, folder: Path | str, *, most_bytes: int = 1_000_000_000, side: int = 640) -> None:
        self.folder = Path(folder).expanduser().absolute()
        self._most, self._side = most_bytes, side
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.used_bytes = sum(each.stat().st_size for each in os.scandir(self.folder) if each.is_file())
        except OSError as error:
            raise StorageError(f"Pictures cannot be kept in {self.folder}: {error.strerror}.") from error

    def keep(self, encoded: bytes, time: float) -> Path:
        """Keep a picture and return its file, which is named by its time and content: the same twice is one.

        Args:
            encoded: a JPEG or PNG file.
            time: seconds.

        Raises:
            DataError: it is no picture, or a huge one.
            StorageError: the folder is full or cannot be written.
        """
        name = f"{time:.3f}-{hashlib.sha256(encoded).hexdigest()[:16]}.jpg"
        file = self.folder / name
        if file.exists():
            return file
        content = self._small(encoded)
        if self.used_bytes + len(content) > self._most:
            raise StorageError(
                f"{self.folder} is full: its pictures take {self.used_bytes:,} of {self._most:,} bytes. Move some away."
            )
        write_atomically(file, content)
        self.used_bytes += len(content)
        return file

    def _small(self, encoded: bytes) -> bytes:
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(io.BytesIO(encoded), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise DataError(f"A picture of {picture.width} × {picture.height} pixels is too large to be kept.")
                picture.thumbnail((self._side, self._side))
                content = io.BytesIO()
                picture.convert("RGB").save(content, "JPEG", quality=85)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"What the camera sent is no whole JPEG or PNG: {error}") from error
        return content.getvalue()
