"""Pictures of other people's scenes, for policies."""

from __future__ import annotations

import mujoco
import numpy as np
import numpy.typing as npt

__all__ = ["Pictures"]


class Pictures:
    """Draws without shadows, reflections and smoothed edges: a twelfth of the time where a CPU draws (Meta-World)."""

    def __init__(self) -> None:
        self._model: mujoco.MjModel | None = None
        self._renderers: dict[tuple[int, int], mujoco.Renderer] = {}

    def draw(
        self,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        camera: str,
        size: tuple[int, int],
        option: mujoco.MjvOption | None = None,
    ) -> npt.NDArray[np.uint8]:
        """Return a picture [height, width, 3] of ``size`` (height, width) from a named camera."""
        if model is not self._model:  # what was made for another one is of no use
            self.close()
            self._model = model
        renderer = self._renderers.get(size)
        if renderer is None:
            renderer = self._renderers[size] = _renderer(model, *size)
        renderer.update_scene(data, camera, option)
        for flag in (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_REFLECTION):
            renderer.scene.flags[flag] = 0
        return np.array(renderer.render(), np.uint8)

    def close(self) -> None:
        """Free the GL contexts."""
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()
        self._model = None


def _renderer(model: mujoco.MjModel, height: int, width: int) -> mujoco.Renderer:
    """Make a renderer; whoever else draws the model does so as before."""
    quality, screen = model.vis.quality, model.vis.global_
    before = quality.offsamples, screen.offheight, screen.offwidth
    quality.offsamples, screen.offheight, screen.offwidth = 0, max(height, before[1]), max(width, before[2])
    try:
        return mujoco.Renderer(model, height, width)
    finally:
        quality.offsamples, screen.offheight, screen.offwidth = before
