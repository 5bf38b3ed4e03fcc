"""From pictures with depth to where things are."""

from robomem.perception.camera import CameraPose, Intrinsics
from robomem.perception.cloud import PointCloud, merge, segment_clouds, to_open3d
from robomem.perception.locate import locate

__all__ = ["CameraPose", "Intrinsics", "PointCloud", "locate", "merge", "segment_clouds", "to_open3d"]
