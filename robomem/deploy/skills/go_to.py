"""The scripted skill: bring the joints to a pose, behind the same safety filter as any policy."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.deploy.contract import Contract
from robomem.errors import ConfigError
from robomem.types import FloatArray, Observation, PolicyState

__all__ = ["GoTo", "pose_actions"]


class GoTo:
    """Asks for one pose in every step: an action of ``joint_position`` names the pose, and the arm nears it evenly.

    Args:
        goal: [J] rad.
        contract: of the arm.

    Raises:
        ConfigError: the contract's actions are no positions.
    """

    def __init__(self, goal: FloatArray, contract: Contract) -> None:
        self.observation_space: gym.Space[Any] = gym.spaces.Dict({})
        self._action = pose_actions(goal[None], contract)[0]
        self.action_space: gym.Space[Any] = gym.spaces.Box(-1, 1, self._action.shape, np.float32)

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[npt.NDArray[np.float32], PolicyState | None]:
        """Return the pose as an action; see ``robomem.policy.Policy``. It observes nothing and is asked for one row."""
        return self._action, None


def pose_actions(poses: FloatArray, contract: Contract) -> npt.NDArray[np.float32]:
    """Return the actions [T, A] that name poses [T, J] in rad; a gripper is open.

    Raises:
        ConfigError: the contract's actions are no positions.
    """
    if contract.control != "joint_position":
        raise ConfigError(
            f"A skill with joints or a motion needs control joint_position; that of {contract.robot} is "
            f"{contract.control}."
        )
    nowhere = np.zeros((len(poses), 3))
    joints = contract.joint_control().toward(poses, poses, nowhere, nowhere)
    grip = np.ones((len(poses), int(contract.gripper is not None)))
    return np.concatenate([joints, grip], axis=1).astype(np.float32)
