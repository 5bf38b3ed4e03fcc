"""Which pictures and measurements go into an observation, as an environment's arguments ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym
import numpy as np

from robomem_envs.household.home import Home

__all__ = ["Pictures"]


@dataclass
class Pictures:
    """The parts of an observation beside the scene.

    Attributes:
        size: height and width, pixels.
        rgb, depth, segmentation, proprioception: whether each is there.
        names: what the numbers of the last segmentation stand for.
    """

    size: int
    rgb: bool
    depth: bool
    segmentation: bool
    proprioception: bool
    names: list[str] = field(default_factory=list)

    def spaces(self) -> dict[str, gym.spaces.Box[Any]]:
        """Return the space of each part that is there."""
        side = (self.size, self.size)
        every: dict[str, gym.spaces.Box[Any]] = {
            "rgb": gym.spaces.Box(0, 255, (*side, 3), np.uint8),
            "depth": gym.spaces.Box(0.0, np.inf, side, np.float32),
            "segmentation": gym.spaces.Box(-1, 2**15, side, np.int32),
            "proprioception": gym.spaces.Box(-np.inf, np.inf, (4,), np.float32),
        }
        return {name: space for name, space in every.items() if getattr(self, name)}

    def take(self, home: Home) -> dict[str, Any]:
        """Return each part as it is now."""
        taken: dict[str, Any] = {}
        if self.rgb:
            taken["rgb"] = home.picture(self.size, self.size)
        if self.depth:
            taken["depth"] = home.depth(self.size, self.size)
        if self.segmentation:
            taken["segmentation"], self.names = home.segmentation(self.size, self.size)
        if self.proprioception:
            taken["proprioception"] = np.array([*home.position("robot"), home.holding is not None], np.float32)
        return taken
