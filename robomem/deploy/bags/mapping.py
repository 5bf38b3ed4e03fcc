"""How the channels of a contract are called in a data set, by LeRobot's conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.data import Feature, numbers, picture
from robomem.deploy.contract import Contract
from robomem.deploy.readings import Readings
from robomem.errors import ConfigError
from robomem.types import FloatArray

__all__ = ["ACTION", "STATE", "VELOCITY", "camera_key", "features", "frame", "sense_key"]

STATE, VELOCITY, ACTION = "observation.state", "observation.velocity", "action"
_TAKEN = ("state", "velocity", "images", "image")


def sense_key(name: str) -> str:
    """Return the feature of a sense."""
    return f"observation.{name}"


def camera_key(name: str) -> str:
    """Return the feature of a camera."""
    return f"observation.images.{name}"


def features(contract: Contract, pictures: str = "video") -> dict[str, Feature]:
    """Return what a frame of an arm's data set holds.

    ``observation.state`` and ``observation.velocity`` are measured, rad and rad/s; ``observation.NAME`` is a sense,
    ``observation.images.NAME`` a camera; ``action`` is where the command wants the joints one period later, rad. All
    joints in the contract's order.

    Args:
        contract: of the arm.
        pictures: ``video`` or ``image``, see ``robomem.data.picture``.

    Raises:
        ConfigError: a sense is called like a feature of the arm, a picture has an odd size, or there is a gripper.
    """
    if contract.gripper is not None:
        raise ConfigError("The bridge does not drive grippers yet: take `gripper` out of the contract.")
    if taken := [name for name in contract.senses if name.split(".")[0] in _TAKEN]:
        raise ConfigError(f"The sense {taken[0]!r} would be the feature {sense_key(taken[0])!r}; give it another name.")
    joints, size = contract.joints, len(contract.joints)
    return {
        STATE: numbers(size, joints),
        VELOCITY: numbers(size, joints),
        **{sense_key(name): numbers(sense.size) for name, sense in contract.senses.items()},
        **{
            camera_key(name): picture(camera.height, camera.width, pictures)
            for name, camera in contract.cameras.items()
        },
        ACTION: numbers(size, joints),
    }


def frame(readings: Readings, action: FloatArray) -> dict[str, npt.NDArray[Any]]:
    """Return a frame of what was read last, and the command [J] that holds."""
    felt = {STATE: readings.position, VELOCITY: readings.velocity, ACTION: action}
    felt |= {sense_key(name): values for name, values in readings.senses.items()}
    seen = {camera_key(name): pixels for name, pixels in readings.pictures.items()}
    return {name: np.asarray(values, np.float32) for name, values in felt.items()} | seen
