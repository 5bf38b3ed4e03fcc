"""What the robot sees while it looks around: rays from its head to several points of everything."""

from __future__ import annotations

import mujoco
import numpy as np
import numpy.typing as npt

from robomem.types import FloatArray, IntArray
from robomem_assets.household.touching import Group
from robomem_envs.household.physical.world import World

__all__ = ["Sight"]

_FAR_M = 9.0
_SIZES_AWAY = 70.0
"""A thing further away than this many times its size covers less than five pixels of the 500-pixel picture."""
_MOST_POINTS = 10
_MANY_AT_ONCE = int(mujoco.__version__.split(".")[0]) >= 4
"""On 3.10 ``mj_multiRay`` lets a quarter of the rays through closed doors and the like; one at a time they stop."""
_HEAD = np.array([0.006, 0.0, 1.3019])


class Sight:
    """Tells which things and fixtures can be seen."""

    def __init__(self, world: World) -> None:
        self._world = world
        shown = (world.model.geom_group != Group.HIDDEN) & (world.owner >= 0)
        things = len(world.apartment.items)
        geoms, local, target = [], [], []
        for k in range(len(world.names)):
            own = np.flatnonzero(shown & (world.owner == k) & (world.model.geom_rgba[:, 3] > 0))
            volume = np.prod(world.model.geom_aabb[own, 3:], axis=1)
            own = own[np.argsort(-volume, kind="stable")][: 4 if k < things else _MOST_POINTS]
            for geom in own:
                for offset in _points(world.model.geom_aabb[geom], thing=k < things):
                    geoms.append(geom)
                    local.append(offset)
                    target.append(k)
        self._geoms: IntArray = np.array(geoms)
        self._local: FloatArray = np.array(local)
        self._target: IntArray = np.array(target)
        sizes = [2 * max(item.category.half) for item in world.apartment.items.values()]
        self._reach = np.minimum(
            _FAR_M, np.array([_SIZES_AWAY * s for s in sizes] + [_FAR_M] * len(world.apartment.furniture))
        )
        self._groups = np.ones(6, np.uint8)
        self._groups[[Group.HIDDEN, Group.ROBOT]] = 0

    def seen(self) -> frozenset[str]:
        """Return the names of what is seen; poses must be up to date."""
        world, model, data = self._world, self._world.model, self._world.data
        origin, turn = world.frame("robot")
        eye = origin + turn @ _HEAD
        rotation = data.geom_xmat[self._geoms].reshape(-1, 3, 3)
        points = data.geom_xpos[self._geoms] + np.einsum("nij,nj->ni", rotation, self._local)
        rays = points - eye
        distance = np.linalg.norm(rays, axis=1)
        near = np.flatnonzero((distance < self._reach[self._target]) & (distance > 1e-6))
        if not len(near):
            return frozenset()
        rays = rays[near] / distance[near, None]
        hit = _cast(model, data, eye, np.ascontiguousarray(rays), self._groups)
        met = (hit >= 0) & (world.owner[hit] == self._target[near])
        return frozenset(world.names[k] for k in np.unique(self._target[near][met]))


def _cast(
    model: mujoco.MjModel, data: mujoco.MjData, eye: FloatArray, rays: FloatArray, groups: npt.NDArray[np.uint8]
) -> IntArray:
    """Return the geom that each ray [n, 3] of unit length meets first, -1 for none."""
    hit = np.full(len(rays), -1, np.int32)
    if _MANY_AT_ONCE:
        depth = np.zeros(len(rays))
        mujoco.mj_multiRay(model, data, eye, rays.ravel(), groups, True, -1, hit, depth, None, len(rays), _FAR_M)
        return hit
    for k, ray in enumerate(rays):
        mujoco.mj_ray(model, data, eye, ray, groups, True, -1, hit[k : k + 1])
    return hit


def _points(aabb: FloatArray, thing: bool) -> list[FloatArray]:
    """Return points of a geom in its own frame: its middle, and points towards its sides."""
    centre, half = aabb[:3], aabb[3:]
    shift = 0.6 if thing else 0.85
    points = [centre]
    for axis in np.argsort(-half, kind="stable")[: 3 if thing else 2]:
        for side in (-shift, shift):
            point = centre.copy()
            point[axis] += side * half[axis]
            points.append(point)
    return points
