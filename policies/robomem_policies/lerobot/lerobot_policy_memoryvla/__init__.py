"""MemoryVLA of RoboMem as a policy of LeRobot's; ``robomem export lerobot`` writes this package."""

try:
    import lerobot  # noqa: F401
except ImportError as error:
    raise ImportError("lerobot is not installed; this package is a policy for it.") from error

from .configuration_memoryvla import MemoryVLAConfig
from .modeling_memoryvla import MemoryVLAPolicy
from .processor_memoryvla import make_memoryvla_pre_post_processors

__all__ = ["MemoryVLAConfig", "MemoryVLAPolicy", "make_memoryvla_pre_post_processors"]
