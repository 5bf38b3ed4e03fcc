"""The spatial memory."""

from robomem.lifelong.spatial.memory import SpatialMemory, SpatialProposal
from robomem.lifelong.spatial.recall import Surroundings

__all__ = ["SpatialMemory", "SpatialProposal", "Surroundings"]
