"""Between a policy's observation and action spaces and an arm: what it feels, sees and commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.deploy.contract import Contract
from robomem.errors import ConfigError
from robomem.policy import Policy
from robomem.types import FloatArray, Observation

__all__ = ["POSITION", "Adapter", "require_fit"]

PROPRIO = "proprio"
POSITION = "joint_position"
"""What a policy calls the measured joints [J] in rad, if it wants them as they are."""


class Adapter:
    """Builds observations and joint targets as the tasks of ``robomem_envs`` do.

    Args:
        policy: who acts.
        contract: on which arm.

    Raises:
        ConfigError: the policy observes or commands what the contract does not have.
    """

    def __init__(self, policy: Policy, contract: Contract) -> None:
        require_fit(policy, contract)
        self.contract, self.space = contract, policy.observation_space
        self._control, self._feel = contract.joint_control(), contract.proprioception()
        self.action_shape = (self._control.size + (contract.gripper is not None),)

    def observe(
        self,
        position: FloatArray,
        velocity: FloatArray,
        target: FloatArray,
        gripper: float | None,
        senses: Mapping[str, FloatArray],
        pictures: Mapping[str, npt.NDArray[np.uint8]],
    ) -> Observation:
        """Return what the policy observes.

        Args:
            position: [J] rad, measured.
            velocity: [J] rad/s, measured.
            target: [J] rad, commanded last.
            gripper: its measured position, if there is one.
            senses: by name, the latest numbers.
            pictures: by name, [H, W, 3] uint8.
        """
        assert isinstance(self.space, spaces.Dict)
        parts: dict[str, npt.NDArray[Any]] = {}
        for name, part in self.space.spaces.items():
            if name == PROPRIO:
                assert self.contract.workspace is not None
                end_effector = self.contract.workspace.end_effector(position)
                grip = None if self.contract.gripper is None else np.array([gripper])
                parts[name] = self._feel(position[None], velocity[None], target[None], end_effector[None], grip)[0]
            elif name == POSITION:
                parts[name] = position.astype(part.dtype)
            elif name in self.contract.senses:
                parts[name] = senses[name].astype(part.dtype).reshape(part.shape or ())
            else:
                parts[name] = pictures[name]
        return parts

    def target(self, action: FloatArray, target: FloatArray) -> FloatArray:
        """Return the joint targets [J] to which an action [A] moves the targets [J] that hold now."""
        moved = target[None].copy()
        self._control.move(moved, action[None, : self._control.size], np.ones(1, bool))
        result: FloatArray = moved[0]
        return result

    def grip(self, action: FloatArray) -> float | None:
        """Return the gripper's target; None for an arm without one."""
        gripper = self.contract.gripper
        if gripper is None:
            return None
        share = (float(np.clip(action[-1], -1, 1)) + 1) / 2
        return gripper.closed + share * (gripper.open - gripper.closed)


def require_fit(policy: Policy, contract: Contract) -> None:
    """Raise ConfigError, naming every misfit, unless the contract has what the policy observes and commands."""
    wrong: list[str] = []
    if isinstance(policy.observation_space, spaces.Dict):
        for name, part in policy.observation_space.spaces.items():
            wrong += _misfit(name, tuple(part.shape or ()), contract)
    else:
        wrong.append(f"it observes one {type(policy.observation_space).__name__}, not a Dict with {PROPRIO!r}")
    expected = (contract.joint_control().size + (contract.gripper is not None),)
    action = policy.action_space
    if not isinstance(action, spaces.Box) or action.shape not in (expected, (action.shape[0], *expected)):
        gripper = " and a gripper" if contract.gripper else ""
        wrong.append(
            f"its actions are {action}; {contract.robot} takes {expected[0]} numbers "
            f"({len(contract.joints)} joints{gripper})"
        )
    if wrong:
        raise ConfigError(
            f"The policy does not fit the contract of {contract.robot}: {'; '.join(wrong)}. Use the policy of this arm "
            "and task, or add what is missing to the contract."
        )


def _misfit(name: str, shape: tuple[int, ...], contract: Contract) -> list[str]:
    if name == PROPRIO:
        if contract.workspace is None:
            return [f"it observes {PROPRIO!r}, which needs the kinematics in `workspace`"]
        size = contract.proprioception().size
        return [] if shape == (size,) else [f"{PROPRIO!r} is {list(shape)} there, {size} numbers here"]
    if name == POSITION:
        size = len(contract.joints)
        return [] if shape == (size,) else [f"{POSITION!r} is {list(shape)} there, {size} joints here"]
    if name in contract.senses:
        size = contract.senses[name].size
        same = int(np.prod(shape, dtype=int)) == size
        return [] if same else [f"the sense {name!r} is {list(shape)} there, {size} numbers here"]
    if name in contract.cameras:
        camera = contract.cameras[name]
        size3 = (camera.height, camera.width, 3)
        return [] if shape == size3 else [f"the picture {name!r} is {list(shape)} there, {list(size3)} here"]
    kind = "camera" if len(shape) == 3 else "sense"
    have = ", ".join([*contract.senses, *contract.cameras]) or "none"
    return [f"it observes {name!r} {list(shape)}, and there is no such {kind} (there are: {have})"]
