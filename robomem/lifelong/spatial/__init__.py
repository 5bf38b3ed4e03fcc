"""The spatial memory."""

from robomem.lifelong.spatial.endings import SURE_LOOK
from robomem.lifelong.spatial.identity import merge, split
from robomem.lifelong.spatial.memory import SpatialMemory, SpatialProposal
from robomem.lifelong.spatial.places import LastSeen, history, last_seen, near
from robomem.lifelong.spatial.recall import Surroundings

__all__ = [
    "SURE_LOOK",
    "LastSeen",
    "SpatialMemory",
    "SpatialProposal",
    "Surroundings",
    "history",
    "last_seen",
    "merge",
    "near",
    "split",
]
