"""Other people's environments and suites, through adapters. Importing this imports none of their packages.

Each adapter is a module of its own, named in ``FAMILIES`` and imported when an id of its namespace is asked for.
"""

from robomem.families import Family
from robomem_envs.external.libero.names import PACKAGES

__all__ = ["FAMILIES"]

FAMILIES = (
    Family(
        "gymnasium-robotics",
        "Fetch, Shadow Hand, Adroit, Franka Kitchen, point and ant mazes",
        ("gymnasium_robotics",),
        "robomem_envs.external.gymnasium_robotics:enter",
    ),
    Family(
        "libero",
        "LIBERO and LIBERO-PRO: manipulation told in words, with the continuous action",
        PACKAGES,
        "robomem_envs.external.libero.registration:enter",
    ),
    Family(
        "memory-gym",
        "Memory Gym: Mortar Mayhem, Mystery Path, Searing Spotlights, and their endless forms, in pictures",
        ("memory_gym", "pygame"),
        "robomem_envs.external.memory_gym:enter",
    ),
    Family(
        "metaworld",
        "Meta-World: a Sawyer arm at a table, with a new goal each episode",
        ("metaworld",),
        "robomem_envs.external.metaworld:enter",
    ),
    Family(
        "popgym",
        "POPGym: small partially observable games and control tasks, each in three sizes",
        ("popgym",),
        "robomem_envs.external.popgym:enter",
    ),
)
