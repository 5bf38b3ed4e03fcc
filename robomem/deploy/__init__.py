"""From a trained policy to an arm: the contract, the runner, and the timing of commands. No ROS here."""

from robomem.deploy.chunk import ChunkQueue, Trajectory, trajectory
from robomem.deploy.contract import Contract, parse, read
from robomem.deploy.readings import Readings
from robomem.deploy.runner import Output, Runner, Status
from robomem.deploy.training import require_training

__all__ = [
    "ChunkQueue",
    "Contract",
    "Output",
    "Readings",
    "Runner",
    "Status",
    "Trajectory",
    "parse",
    "read",
    "require_training",
    "trajectory",
]
