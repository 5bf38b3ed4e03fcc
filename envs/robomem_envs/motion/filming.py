"""Pictures of a clip: the robot in each frame's pose, seen by a camera that stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import mujoco
import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError
from robomem.motion import Clip, place
from robomem_envs.arm.camera import heed_backend
from robomem_envs.motion.stage import Stage

__all__ = ["pictures"]

_AZIMUTH_DEG, _ELEVATION_DEG, _MARGIN, _LEAST_M = 205.0, -14.0, 1.15, 0.35


def pictures(stage: Stage, clip: Clip, width: int, height: int) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield a picture [height, width, 3] of every frame; the camera frames all of the motion from ahead.

    Raises:
        ConfigError: a size that cannot be drawn.
    """
    if not (16 <= width <= 1920 and 16 <= height <= 1920):
        raise ConfigError(f"A picture is 16 to 1920 pixels wide and high, not {width} x {height}.")
    model = stage.model
    model.vis.global_.offwidth = max(model.vis.global_.offwidth, width)
    model.vis.global_.offheight = max(model.vis.global_.offheight, height)
    camera = _camera(clip, float(model.vis.global_.fovy), width / height)
    heed_backend()
    with closing(mujoco.Renderer(model, height, width)) as renderer:
        for frame in range(len(clip)):
            stage.show(clip, frame)
            renderer.update_scene(stage.data, camera)
            yield renderer.render().copy()


def _camera(clip: Clip, fovy_deg: float, aspect: float) -> mujoco.MjvCamera:
    """Return a camera before the robot whose picture holds every point and joint of the clip."""
    placed = place(clip)
    everything = np.concatenate([placed.joints.reshape(-1, 3), *placed.points.values()])
    low, high = everything.min(axis=0), everything.max(axis=0)
    camera = mujoco.MjvCamera()
    camera.type = mujoco.mjtCamera.mjCAMERA_FREE
    camera.lookat[:] = (low + high) / 2
    half = max(_LEAST_M / 2, (high[2] - low[2]) / 2, float(np.hypot(*(high - low)[:2])) / 2 / max(aspect, 1e-6))
    camera.distance = _MARGIN * half / np.tan(np.deg2rad(fovy_deg) / 2) + float(np.hypot(*(high - low)[:2])) / 2
    camera.azimuth, camera.elevation = _AZIMUTH_DEG, _ELEVATION_DEG
    return camera
