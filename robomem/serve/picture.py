"""Pictures in requests: data URLs, decoded here and never fetched."""

from __future__ import annotations

import base64
import binascii
import io

import numpy as np
import numpy.typing as npt

from robomem.embodied import SCENE_KEY
from robomem.serve.errors import RequestError

__all__ = ["read_picture"]

MAX_SIDE_PIXELS = 4_096


def read_picture(url: str) -> tuple[npt.NDArray[np.uint8], str]:
    """Decode a data URL.

    Returns:
        The picture [H, W, 3], and the scene that a PNG of ``EmbodiedBenchSurface`` may carry as text; else ``""``.

    Raises:
        RequestError: it is no data URL, or no picture of a usual size.
    """
    from PIL import Image, UnidentifiedImageError

    head, comma, data = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64") and comma):
        raise RequestError("A picture must be a data URL, data:image/png;base64,…; others are not fetched.")
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=("PNG", "JPEG", "WEBP"))
        if max(picture.size) > MAX_SIDE_PIXELS:
            raise RequestError(f"The picture is {picture.size}; at most {MAX_SIDE_PIXELS} pixels a side are read.")
        pixels = np.asarray(picture.convert("RGB"), np.uint8)
        return pixels, str(picture.info.get(SCENE_KEY, ""))
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        if isinstance(error, RequestError):
            raise
        raise RequestError(f"The picture cannot be read: {error}.") from error
    except Image.DecompressionBombError as error:
        raise RequestError("The picture is too large.") from error
