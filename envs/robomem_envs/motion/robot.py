"""Robots that move: what `robomem.motion.robots` asks for, in MuJoCo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from robomem.motion import Body, Clip
from robomem.motion.motion_set import Entry
from robomem.motion.robots import Tracking
from robomem_assets import arms
from robomem_assets import humanoid as humanoid_model
from robomem_envs.motion.body_of import body_of
from robomem_envs.motion.filming import pictures
from robomem_envs.motion.floor import with_floor
from robomem_envs.motion.following import follow, refuse_others
from robomem_envs.motion.generator import Generator
from robomem_envs.motion.humanoid.balance import AnkleAndHip
from robomem_envs.motion.humanoid.posture import MASS_X_M
from robomem_envs.motion.humanoid.repertoire import Humanoid
from robomem_envs.motion.repertoire import Repertoire
from robomem_envs.motion.so101.repertoire import Arm
from robomem_envs.motion.stage import RATE_HZ, Stage

__all__ = ["MujocoRobot", "humanoid", "so101"]

_TILT_RAD = 0.0486795
"""How far the SO-101's published gripper frame is turned about its own axis at the model's zero."""


@dataclass(frozen=True)
class MujocoRobot:
    """A `robomem.motion.robots.RobotMotion`.

    Attributes:
        name: in the registry.
        stage: where it acts.
        repertoire: what it can do.
    """

    name: str
    stage: Stage
    repertoire: Repertoire

    @property
    def body(self) -> Body:
        """Its joints with their limits, and its points."""
        return self.stage.body

    def generate(
        self,
        *,
        clips: int,
        seed: int,
        segments: tuple[int, int] = (1, 1),
        mirror: bool = True,
        told: Callable[[int], None] | None = None,
    ) -> Iterator[Entry]:
        """Yield labelled clips; see `RobotMotion.generate`."""
        return Generator(self.name, self.stage, self.repertoire).entries(clips, seed, segments, mirror, told)

    def track(self, clip: Clip, *, told: Callable[[int, int], None] | None = None) -> Tracking:
        """Perform a clip through the safety filter; see `RobotMotion.track`."""
        return follow(self.stage, clip, told)

    def film(self, clip: Clip, *, size: tuple[int, int] = (320, 240)) -> Iterator[npt.NDArray[np.uint8]]:
        """Yield a picture of each frame of a clip; see `RobotMotion.film`."""
        refuse_others(self.body, clip)
        return pictures(self.stage, clip, *size)


@lru_cache(maxsize=1)
def humanoid() -> MujocoRobot:
    """A humanoid of 1.3 m and 25 hinges, in primitive shapes."""
    model = with_floor(humanoid_model.load())
    feet = tuple(f"{side}_{part}" for part in ("foot", "toe") for side in humanoid_model.SIDES)
    body = body_of(
        model,
        "humanoid",
        humanoid_model.JOINTS,
        humanoid_model.POINTS,
        velocity=humanoid_model.MAX_JOINT_SPEED_RAD_S,
        contacts=feet,
    )
    stage = Stage(model, body, balance=lambda: AnkleAndHip(body, MASS_X_M, RATE_HZ))
    return MujocoRobot("humanoid", stage, Humanoid(model))


@lru_cache(maxsize=1)
def so101() -> MujocoRobot:
    """The SO-101 arm on a table, with its jaws.

    The wrist's zero is where the gripper stands upright, not the model's: so the arm is its own mirror image.
    """
    arm = arms.load("so101")
    model = with_floor(arm.spec())
    joints, zero = (*arm.joints, arm.gripper), {"wrist_roll": _TILT_RAD}
    points = (arm.ee_site, "gripperframe")
    body = body_of(model, "so101", joints, points, zero=zero, velocity=arm.max_joint_speed_rad_s)
    return MujocoRobot("so101", Stage(model, body), Arm(body.zero_offset))
