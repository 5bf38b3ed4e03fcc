"""Pictures that observations refer to, from one folder and no other."""

from __future__ import annotations

from pathlib import Path

from robomem.errors import DataError

__all__ = ["TYPES", "find_picture"]

TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
}
"""Of files that are shown. No SVG: it can hold scripts."""


def find_picture(media: str, folder: Path | None) -> Path:
    """Return the file that an observation refers to.

    Args:
        media: path as the observation has it; relative ones are looked for in ``folder``.
        folder: that pictures may come from, None where none may.

    Raises:
        DataError: there is none, it is outside of the folder (links are followed first), or it is no picture.
    """
    if not media:
        raise DataError("This observation has no picture.")
    if folder is None:
        raise DataError("Pictures are not shown: start the server with --media FOLDER, the folder that they are in.")
    if "://" in media or "\0" in media:
        raise DataError("The picture is at another address; only files are shown.")
    root = folder.resolve()
    file = (root / media).resolve()
    if not file.is_relative_to(root):
        raise DataError("The picture is not in the folder that --media names.")
    if file.suffix.lower() not in TYPES:
        raise DataError(f"The file is no picture of a kind that is shown: {', '.join(TYPES)}.")
    if not file.is_file():
        raise DataError("The picture's file is not there any more.")
    return file
