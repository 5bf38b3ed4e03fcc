"""Pictures out of the messages in which ROS carries them; no ROS needed: any object with their fields will do."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.deploy.contract import Camera

__all__ = ["pixels"]


def pixels(message: Any, camera: Camera) -> npt.NDArray[np.uint8]:
    """Return a sensor_msgs/Image or CompressedImage as [H, W, 3] uint8 of the camera's size.

    Raises:
        ValueError: an encoding other than rgb8, bgr8, rgba8, bgra8 or mono8, or data of the wrong size.
    """
    from PIL import Image as Pillow

    if camera.compressed:
        seen = np.asarray(Pillow.open(io.BytesIO(bytes(message.data))).convert("RGB"))
    else:
        channels = {"rgb8": 3, "bgr8": 3, "rgba8": 4, "bgra8": 4, "mono8": 1}.get(message.encoding)
        if channels is None:
            raise ValueError(f"encoding {message.encoding} is not supported; publish rgb8 or bgr8")
        rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
        seen = rows[:, : message.width * channels].reshape(message.height, message.width, channels)
        seen = seen[..., :3][..., :: -1 if message.encoding.startswith("bgr") else 1]
        seen = np.repeat(seen, 3, axis=2) if channels == 1 else seen
    if seen.shape[:2] != (camera.height, camera.width):
        resized = Pillow.fromarray(np.ascontiguousarray(seen)).resize((camera.width, camera.height))
        seen = np.asarray(resized)
    return np.ascontiguousarray(seen, np.uint8)
