"""What the cameras see, and the front view marked with axes and numbered boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import mujoco
import numpy as np
from PIL import Image, ImageDraw

from robomem_assets.props.sorter import CELL_M, SORTER_HEIGHT_M
from robomem_assets.workbench import workbench
from robomem_envs.arm.camera import heed_backend
from robomem_envs.manipulate.bench import CONTAINER_M, PRISM_M, ROBOT, Bench
from robomem_envs.manipulate.frame import FEWEST_VOXEL, metres
from robomem_envs.manipulate.layout import AREA_M
from robomem_envs.manipulate.scene import Names

__all__ = ["Views"]

_AXES = {"X": ((1, 0, 0), (214, 60, 50)), "Y": ((0, 1, 0), (40, 140, 70)), "Z": ((0, 0, 1), (50, 90, 210))}
_CORNER = (22, 12, FEWEST_VOXEL)
_AXIS_M = 0.12
_BOX = (250, 214, 60)


class Views:
    """Renders one bench; GL contexts are made at the first picture.

    Args:
        bench: what is seen.
        size: height and width, pixels.
    """

    def __init__(self, bench: Bench, size: int) -> None:
        self._bench, self._size = bench, size
        self._renderers: dict[str, tuple[mujoco.Renderer, mujoco.MjModel]] = {}

    def take(self, camera: str, kind: Literal["rgb", "depth"] = "rgb", *, pretty: bool = False) -> np.ndarray[Any, Any]:
        """Return a picture [H, W, 3] uint8, or metres along the optical axis [H, W] float32."""
        renderer, model = self._renderer("pretty" if pretty else "fast")
        for area, last in self._bench.wiping.last.items():
            for k, look in enumerate(last.tolist()):
                model.geom(f"{area}_spot{k}").rgba[3] = float(look < 0)
        if kind == "depth":
            renderer.enable_depth_rendering()
        try:
            renderer.update_scene(self._bench.data, camera)
            picture: np.ndarray[Any, Any] = renderer.render().copy()
        finally:
            renderer.disable_depth_rendering()
        return picture.astype(np.float32) if kind == "depth" else picture

    def _renderer(self, visual: Literal["fast", "pretty"]) -> tuple[mujoco.Renderer, mujoco.MjModel]:
        if visual not in self._renderers:
            heed_backend()
            model = self._bench.model
            if visual == "pretty":
                model = workbench(ROBOT, self._bench.furnish, visual="pretty").compile()
            self._renderers[visual] = mujoco.Renderer(model, self._size, self._size), model
        return self._renderers[visual]

    def marked(self, picture: np.ndarray[Any, Any], names: Names) -> np.ndarray[Any, Any]:
        """Return the front picture with the voxel frame's axes and a numbered box around each object."""
        canvas = Image.fromarray(picture)
        pen = ImageDraw.Draw(canvas)
        font = pen.getfont() if self._size < 200 else _font(self._size // 32)
        for name, spoken in names.spoken.items():
            corners = self._pixels(self._outline(name))
            low, high = corners.min(axis=0) - 2, corners.max(axis=0) + 2
            pen.rectangle([*low, *high], outline=_BOX, width=max(1, self._size // 250))
            label = spoken.removeprefix("object ")
            box = pen.textbbox((low[0] + 2, low[1] + 1), label, font=font)
            pen.rectangle([box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2], fill=_BOX)
            pen.text((low[0] + 2, low[1] + 1), label, fill=(20, 20, 20), font=font)
        origin = metres(_CORNER) - np.array([0.0, 0.0, 0.005])
        for label, (axis, colour) in _AXES.items():
            begin, end = self._pixels(np.array([origin, origin + _AXIS_M * np.array(axis)]))
            pen.line([*begin, *end], fill=colour, width=max(2, self._size // 160))
            pen.text(tuple(end + 3), label, fill=colour, font=font)
        return np.asarray(canvas)

    def _outline(self, name: str) -> np.ndarray[Any, Any]:
        """Return corners [8, 3] of a box around a thing."""
        thing, point = self._bench.things[name], self._bench.position(name)
        length, width = AREA_M if thing.yaw == 60 else AREA_M[::-1]
        half = {
            "container": np.array(CONTAINER_M) / 2,
            "pit": np.array([0.45 * CELL_M, 0.45 * CELL_M, SORTER_HEIGHT_M / 2]),
            "area": np.array([length / 2, width / 2, 0.0]),
        }.get(thing.shape, np.full(3, PRISM_M / 2 + 0.004))
        signs = np.stack(np.meshgrid(*[(-1, 1)] * 3), axis=-1).reshape(-1, 3)
        corners: np.ndarray[Any, Any] = point + signs * half
        return corners

    def _pixels(self, points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Return where the front camera sees points [N, 3], pixels [N, 2]."""
        camera = self._bench.data.camera("front")
        seen = (points - camera.xpos) @ camera.xmat.reshape(3, 3)
        fovy = float(self._bench.model.camera("front").fovy[0])
        focal = 0.5 * self._size / np.tan(np.radians(fovy) / 2)
        pixels: np.ndarray[Any, Any] = self._size / 2 + focal * seen[:, :2] * [1, -1] / -seen[:, 2:]
        return pixels

    def close(self) -> None:
        """Free the GL contexts."""
        for renderer, _ in self._renderers.values():
            renderer.close()
        self._renderers = {}


def _font(size: int) -> Any:
    from PIL import ImageFont

    load: Callable[..., Any] = ImageFont.load_default
    return load(size=size)
