"""Point clouds: depth pictures turned into points of the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError, SpaceError
from robomem.perception.camera import CameraPose, Intrinsics
from robomem.types import FloatArray

_NEARER_M = 0.01

__all__ = ["PointCloud", "merge", "segment_clouds", "thinned", "to_open3d"]


@dataclass(frozen=True)
class PointCloud:
    """What is seen of one object.

    Attributes:
        name: of the object.
        points: [N, 3] in the map, metres.
        hidden: share of its outline where something nearer, or the picture's edge, cuts it off.
    """

    name: str
    points: FloatArray
    hidden: float = 0.0

    @property
    def box(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper corner of the upright box around them."""
        return self.points.min(axis=0), self.points.max(axis=0)


def segment_clouds(
    depth: npt.NDArray[np.floating],
    segmentation: npt.NDArray[np.integer],
    names: Sequence[str],
    lens: Intrinsics,
    pose: CameraPose,
) -> dict[str, PointCloud]:
    """Return the points of every object in a picture, by name.

    Args:
        depth: [height, width] metres along the optical axis; what is not finite or not positive is left out.
        segmentation: [height, width] indices into ``names``; -1 where there is none.
        names: of the objects.
        lens: of the camera.
        pose: of the camera.

    Raises:
        SpaceError: the pictures' sizes differ from each other or from the lens's, or an index has no name.
    """
    shape = (lens.height, lens.width)
    if depth.shape != shape or segmentation.shape != shape:
        raise SpaceError(
            f"depth {depth.shape} and segmentation {segmentation.shape} must both be {shape}, as the lens is."
        )
    if segmentation.size and segmentation.max() >= len(names):
        raise SpaceError(f"the segmentation has index {segmentation.max()}, but there are {len(names)} names.")
    seen = np.isfinite(depth) & (depth > 0) & (segmentation >= 0)
    rows, columns = np.nonzero(seen)
    z = depth[rows, columns].astype(float)
    x = (columns + 0.5 - lens.width / 2) * z / lens.focal
    y = (rows + 0.5 - lens.height / 2) * z / lens.focal
    points = pose.to_map(np.stack([x, y, z], axis=1))
    index = segmentation[rows, columns]
    cut = _cut_off(depth, segmentation)
    return {
        names[k]: PointCloud(
            names[k], points[index == k], float(cut[rows, columns][index == k].sum() / _outline(segmentation == k))
        )
        for k in np.unique(index).tolist()
    }


def _outline(inside: npt.NDArray[np.bool_]) -> int:
    """Return how many pixels of a region have a neighbour outside it, at least 1."""
    padded = np.pad(inside, 1)
    core = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return max(1, int((inside & ~core).sum()))


def _cut_off(depth: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Return the pixels beside another object that is nearer, and those at the picture's edge."""
    near = np.pad(np.where(np.isfinite(depth), depth, np.inf), 1, constant_values=-np.inf)
    other = np.pad(labels, 1, constant_values=-2)
    cut = np.zeros(labels.shape, bool)
    for rows, columns in (
        (slice(0, -2), slice(1, -1)),
        (slice(2, None), slice(1, -1)),
        (slice(1, -1), slice(0, -2)),
        (slice(1, -1), slice(2, None)),
    ):
        cut |= (other[rows, columns] != labels) & (near[rows, columns] < depth - _NEARER_M)
    return cut


def merge(clouds: Iterable[PointCloud], voxel_m: float = 0.005) -> PointCloud:
    """Return several views of one object as one cloud, with one point in each cube of ``voxel_m``."""
    views = list(clouds)
    if len({view.name for view in views}) != 1:
        raise ConfigError(f"Views of one object have one name, not {sorted({view.name for view in views})}.")
    points = thinned(np.concatenate([view.points for view in views]), voxel_m)
    return PointCloud(views[0].name, points, min(view.hidden for view in views))


def thinned(points: FloatArray, voxel_m: float) -> FloatArray:
    """Return points with one, their mean, in each cube of ``voxel_m``."""
    cells = np.floor(points / voxel_m).astype(np.int64)
    _, inverse, count = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    sums = np.zeros((len(count), 3))
    np.add.at(sums, inverse.ravel(), points)
    mean: FloatArray = sums / count[:, None]
    return mean


def to_open3d(cloud: PointCloud) -> Any:
    """Return the cloud as ``open3d.geometry.PointCloud``, for its filters, registration and viewer.

    Raises:
        ConfigError: open3d is not installed, or a system library that it loads is missing.
    """
    try:
        import open3d
    except (ImportError, OSError) as error:
        raise ConfigError(
            "open3d cannot be imported: pip install 'robomem[viewer]'; on Debian it also needs apt install "
            f"libusb-1.0-0 libgl1 libgomp1 ({error})."
        ) from error
    shown = open3d.geometry.PointCloud()
    shown.points = open3d.utility.Vector3dVector(cloud.points)
    return shown
