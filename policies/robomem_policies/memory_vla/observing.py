"""Which parts of an observation the policy takes, and whether what comes is sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.errors import EnvironmentFault, SpaceError
from robomem.types import Observation

__all__ = ["PROPRIO", "Parts"]

PROPRIO = "proprio"


class Parts:
    """The pictures and the proprioception in an observation space.

    Args:
        space: Dict of pictures [height, width, 3] uint8 and perhaps ``proprio`` [d].

    Attributes:
        space: it.
        views: (height, width) of each picture, by name.
        proprio: d, 0 without.

    Raises:
        SpaceError: there is no picture, or a part is neither.
    """

    def __init__(self, space: gym.Space[Any]) -> None:
        if not isinstance(space, gym.spaces.Dict):
            raise SpaceError(f"memory_vla takes named parts, pictures and {PROPRIO}; {space} has none.")
        self.space, self.views, self.proprio = space, dict[str, tuple[int, int]](), 0
        for name, part in space.items():
            shape = part.shape or ()
            if len(shape) == 3 and shape[-1] == 3 and part.dtype == np.uint8:
                self.views[name] = (shape[0], shape[1])
            elif name == PROPRIO and len(shape) == 1:
                self.proprio = shape[0]
            else:
                raise SpaceError(
                    f"memory_vla takes pictures [height, width, 3] uint8 and {PROPRIO} [d]; {name} is {part}. Choose "
                    "what the policy sees, e.g. observation=pixels in env_kwargs."
                )
        if not self.views:
            raise SpaceError(f"memory_vla needs a picture; the observation has {', '.join(space)}.")

    def checked(self, observation: Observation, batched: bool) -> dict[str, npt.NDArray[Any]]:
        """Return the observation as a batch; raises EnvironmentFault if a number is not finite."""
        assert isinstance(observation, Mapping)
        seen = {name: np.asarray(part) if batched else np.asarray(part)[None] for name, part in observation.items()}
        if self.proprio and not np.isfinite(seen[PROPRIO]).all():
            rows = np.flatnonzero(~np.isfinite(seen[PROPRIO]).all(1))
            raise EnvironmentFault(
                f"observation {PROPRIO!r} holds NaN or infinity in row {', '.join(map(str, rows[:8]))}; the "
                "environment diverged or a sensor failed. Reset it."
            )
        for name in self.views:
            if seen[name].dtype != np.uint8:
                raise SpaceError(f"the picture {name!r} must be uint8 in 0 … 255, not {seen[name].dtype}.")
        return seen
