"""Pictures: what the head and the hand see, the apartment from above, and the robot from beside."""

from __future__ import annotations

import copy
import math
import threading
from typing import Any

import mujoco
import numpy as np

from robomem.errors import UnknownNameError
from robomem.perception import CameraPose, Intrinsics
from robomem_assets.household.touching import Group
from robomem_envs.arm.camera import heed_backend
from robomem_envs.household.physical.world import World

__all__ = ["CAMERAS", "Views"]

CAMERAS = ("head", "hand", "top", "person")
_CARRIED = ("head", "hand")
_renderers = threading.local()
"""One renderer per apartment and size: making one costs more than many pictures."""


class Views:
    """Renders one home."""

    def __init__(self, world: World) -> None:
        self._world = world

    def render(self, width: int, height: int, camera: str, kind: str = "rgb") -> np.ndarray[Any, Any]:
        """Return a picture: ``rgb`` [H, W, 3] uint8, ``depth`` [H, W] float32 or ``segmentation`` [H, W, 2] int32."""
        if camera not in CAMERAS:
            raise UnknownNameError("camera", camera, CAMERAS)
        world = self._world
        renderer, painted = _renderer(world, height, width)
        for field in ("geom_rgba", "mat_rgba", "mat_emission"):
            getattr(painted, field)[:] = getattr(world.model, field)
        mujoco.mj_camlight(world.model, world.data)
        option = mujoco.MjvOption()
        option.geomgroup[:] = 1
        option.geomgroup[Group.HIDDEN] = 0
        option.geomgroup[Group.WALL_TOP] = camera in ("head", "hand")
        if kind == "depth":
            renderer.enable_depth_rendering()
        elif kind == "segmentation":
            renderer.enable_segmentation_rendering()
        try:
            renderer.update_scene(world.data, self._camera(camera), option)
            picture: np.ndarray[Any, Any] = renderer.render().copy()
        finally:
            renderer.disable_depth_rendering()
            renderer.disable_segmentation_rendering()
        return picture

    def distances(self, width: int, height: int, camera: str) -> np.ndarray[Any, Any]:
        """Return metres along the optical axis, [H, W] float32; inf where there is nothing."""
        depth = self.render(width, height, camera, "depth").astype(np.float32)
        far = self._world.model.vis.map.zfar * self._world.model.stat.extent
        depth[depth > 0.98 * far] = np.inf
        return depth

    def labels(self, width: int, height: int, camera: str) -> np.ndarray[Any, Any]:
        """Return [H, W] int32 of indices into the world's names; -1 where there is nothing that has one."""
        seen = self.render(width, height, camera, "segmentation")
        geom, kind = seen[..., 0], seen[..., 1]
        owner = self._world.owner[np.maximum(geom, 0)]
        return np.where((kind == int(mujoco.mjtObj.mjOBJ_GEOM)) & (geom >= 0), owner, -1).astype(np.int32)

    def lens(self, width: int, height: int, camera: str) -> Intrinsics:
        """Return the lens of a camera that the robot carries."""
        return Intrinsics.of_view(width, height, float(self._world.model.cam_fovy[self._carried(camera)]))

    def pose(self, camera: str) -> CameraPose:
        """Return the pose of a camera that the robot carries; MuJoCo's looks along -z, with y up."""
        data = self._world.data
        mujoco.mj_camlight(self._world.model, data)
        k = self._carried(camera)
        rotation = data.cam_xmat[k].reshape(3, 3) * np.array([1.0, -1.0, -1.0])
        return CameraPose(data.cam_xpos[k].copy(), rotation)

    def _carried(self, camera: str) -> int:
        if camera not in _CARRIED:
            raise UnknownNameError("camera on the robot", camera, _CARRIED)
        return int(self._world.model.camera(camera).id)

    def _camera(self, name: str) -> Any:
        if name in _CARRIED:
            return name
        world = self._world
        camera = mujoco.MjvCamera()
        camera.type = mujoco.mjtCamera.mjCAMERA_FREE
        if name == "top":
            width, depth = world.apartment.plan.size
            camera.lookat[:] = width / 2, depth / 2 - 0.1, 0.3
            camera.azimuth, camera.elevation = 90.0, -78.0
            camera.distance = 1.32 * max(width, 1.15 * depth)
        else:
            x, y, yaw = (float(world.data.qpos[world.joint[j]]) for j in ("base_x", "base_y", "base_yaw"))
            camera.lookat[:] = x, y, 0.75
            camera.azimuth, camera.elevation, camera.distance = math.degrees(yaw) - 90.0 - 35.0, -38.0, 3.6
        return camera


def _renderer(world: World, height: int, width: int) -> tuple[Any, mujoco.MjModel]:
    made = _renderers.__dict__.setdefault("made", {})
    key = (world.apartment.name, height, width)
    if key not in made:
        heed_backend()
        if len(made) >= 8:
            made.pop(next(iter(made)))[0].close()
        model = copy.copy(world.apartment.model)
        made[key] = mujoco.Renderer(model, height, width), model
    renderer, painted = made[key]
    return renderer, painted
