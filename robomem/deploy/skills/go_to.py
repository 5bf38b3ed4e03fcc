"""The scripted skill: bring the joints to a pose, behind the same safety filter as any policy."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.deploy.contract import Contract
from robomem.errors import ConfigError
from robomem.types import FloatArray, Observation, PolicyState

__all__ = ["GoTo"]


class GoTo:
    """Asks for one pose in every step: an action of ``joint_position`` names the pose, and the arm nears it evenly.

    Args:
        goal: [J] rad.
        contract: of the arm.

    Raises:
        ConfigError: the contract's actions are no positions.
    """

    def __init__(self, goal: FloatArray, contract: Contract) -> None:
        if contract.control != "joint_position":
            raise ConfigError(
                f"A skill with joints needs control joint_position; that of {contract.robot} is {contract.control}."
            )
        self.observation_space: gym.Space[Any] = gym.spaces.Dict({})
        size = len(contract.joints) + (contract.gripper is not None)
        self.action_space: gym.Space[Any] = gym.spaces.Box(-1, 1, (size,), np.float32)
        row = goal[None]
        joints = contract.joint_control().toward(row, row, np.zeros((1, 3)), np.zeros((1, 3)))[0]
        grip = np.full(size - len(joints), 1.0)
        self._action = np.concatenate([joints, grip]).astype(np.float32)

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[npt.NDArray[np.float32], PolicyState | None]:
        """Return the pose as an action; see ``robomem.policy.Policy``. It observes nothing and is asked for one row."""
        return self._action, None
