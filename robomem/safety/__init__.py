"""The safety filter between any policy and a robot arm. It reads no memory and no policy, only numbers."""

from robomem.safety.braking import approach, brake, fastest, stopping_distance
from robomem.safety.filter import SafetyFilter
from robomem.safety.filtered import Filtered, Verdict
from robomem.safety.limits import JointLimits
from robomem.safety.watchdog import Watchdog
from robomem.safety.workspace import ChainJoint, Workspace

__all__ = [
    "ChainJoint",
    "Filtered",
    "JointLimits",
    "SafetyFilter",
    "Verdict",
    "Watchdog",
    "Workspace",
    "approach",
    "brake",
    "fastest",
    "stopping_distance",
]
