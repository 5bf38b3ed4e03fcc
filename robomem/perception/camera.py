"""A pinhole camera: its lens, and where it is in the map."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem.types import FloatArray

__all__ = ["CameraPose", "Intrinsics"]


@dataclass(frozen=True)
class Intrinsics:
    """A lens without distortion.

    Attributes:
        width, height: pixels.
        focal: pixels, the same in both directions.
    """

    width: int
    height: int
    focal: float

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or not (math.isfinite(self.focal) and self.focal > 0):
            raise ConfigError(
                f"A camera of {self.width} x {self.height} pixels and focal length {self.focal} cannot be."
            )

    @classmethod
    def of_view(cls, width: int, height: int, fovy_deg: float) -> Intrinsics:
        """Return the lens that sees ``fovy_deg`` degrees from the upper to the lower edge."""
        if not 0.0 < fovy_deg < 180.0:
            raise ConfigError(f"A camera cannot see {fovy_deg} degrees: give more than 0 and less than 180.")
        return cls(width, height, 0.5 * height / math.tan(math.radians(fovy_deg) / 2))


@dataclass(frozen=True)
class CameraPose:
    """Where a camera is: origin [3] in the map, metres, and rotation [3, 3] from its frame to the map's.

    The camera's frame is the optical one of ROS: x to the right of the picture, y down, z ahead.
    """

    origin: FloatArray
    rotation: FloatArray

    def __post_init__(self) -> None:
        origin, rotation = np.asarray(self.origin, float), np.asarray(self.rotation, float)
        if origin.shape != (3,) or rotation.shape != (3, 3) or not np.isfinite(origin).all():
            raise ConfigError("A camera's pose is an origin [3] and a rotation [3, 3], all finite.")
        if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6) or np.linalg.det(rotation) < 0:
            raise ConfigError("A camera's rotation must be orthonormal and right-handed.")

    def to_map(self, points: npt.NDArray[np.floating]) -> FloatArray:
        """Return points [..., 3] of the camera's frame in the map."""
        moved: FloatArray = points @ np.asarray(self.rotation, float).T + np.asarray(self.origin, float)
        return moved
