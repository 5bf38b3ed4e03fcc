"""Arms on a table: control, inverse kinematics, pictures. What a manipulation task stands on."""

from robomem_envs.arm.task import ArmTask

__all__ = ["ArmTask"]
