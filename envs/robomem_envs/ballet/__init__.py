"""Ballet: watch dances, then go to the dancer who did the one you are told (Lampinen et al. 2021)."""

from robomem_envs.ballet.task import Ballet

__all__ = ["Ballet"]
