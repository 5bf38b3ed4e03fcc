"""The home in MuJoCo: the motions of a mobile manipulator, carried out."""

from robomem_envs.household.physical.home import PhysicalHome

__all__ = ["PhysicalHome"]
