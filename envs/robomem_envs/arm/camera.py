"""Pictures of one row of a batch."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable

import mujoco
import numpy as np
import numpy.typing as npt

from robomem_envs.engine.simulation import Simulation

__all__ = ["Camera", "heed_backend", "shift_camera"]


class Camera:
    """Renders rows of a simulation from a named camera; the GL context is made at the first picture.

    Args:
        simulation: whose rows to draw.
        name: a camera of the model.
        height, width: pixels.
        paint: called with (model, row) before each picture, to colour what only the picture shows.
    """

    def __init__(
        self,
        simulation: Simulation,
        name: str,
        height: int,
        width: int,
        paint: Callable[[mujoco.MjModel, int], None],
        model: mujoco.MjModel | None = None,
    ) -> None:
        self._simulation, self._name, self._paint = simulation, name, paint
        self._model = model or simulation.model
        self._size = height, width
        self._data = mujoco.MjData(self._model)
        self._renderer: mujoco.Renderer | None = None

    def picture(self, row: int) -> npt.NDArray[np.uint8]:
        """Return one row as [height, width, 3] uint8."""
        if self._renderer is None:
            heed_backend()
            self._renderer = mujoco.Renderer(self._model, *self._size)
        self._paint(self._model, row)
        self._simulation.data(row, into=self._data)
        self._renderer.update_scene(self._data, self._name)
        picture: npt.NDArray[np.uint8] = self._renderer.render().copy()
        return picture

    def close(self) -> None:
        """Free the GL context."""
        if self._renderer is not None:
            self._renderer.close()
            self._renderer = None


def shift_camera(model: mujoco.MjModel, name: str, metres: float) -> None:
    """Move a camera that stands in the world to the right of its own picture, and turn it, upright, so that it still
    looks at the point of the table (z = 0) that it looked at.
    """
    camera, frame = model.camera(name), np.empty(9)
    mujoco.mju_quat2Mat(frame, camera.quat)
    right, _, back = frame.reshape(3, 3).T
    point = camera.pos - camera.pos[2] / back[2] * back
    camera.pos[:] += metres * right
    back = camera.pos - point
    back /= np.linalg.norm(back)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    mujoco.mju_mat2Quat(camera.quat, np.stack([right, np.cross(back, right), back], axis=1).ravel())


def heed_backend() -> None:
    """Let mujoco use ``MUJOCO_GL`` also where it was imported before we could set it: it reads it only then.

    Without this, pictures abort the process on a machine without a display whose user imported mujoco first.
    """
    chosen = os.environ.get("MUJOCO_GL", "").lower()
    for name in ("mujoco.rendering.classic.gl_context", "mujoco.gl_context"):  # MuJoCo 4, MuJoCo 3
        module = sys.modules.get(name)
        context = getattr(module, "GLContext", None)
        if (
            module is not None
            and chosen in ("egl", "osmesa")
            and f".{chosen}" not in getattr(context, "__module__", "")
        ):
            importlib.reload(module)
