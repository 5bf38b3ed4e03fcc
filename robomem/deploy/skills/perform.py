"""The skill that performs a motion: a clip, frame after frame, behind the same safety filter as any policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.deploy.adapter import POSITION
from robomem.deploy.contract import Contract
from robomem.deploy.skills.go_to import pose_actions
from robomem.embodiment import MAX_STEP_RAD
from robomem.errors import ConfigError
from robomem.types import FloatArray, Observation, PolicyState

if TYPE_CHECKING:
    from robomem.motion import Clip

__all__ = ["Perform"]

_SUFFIX = "_joint"
_NEAR_RAD = 0.05


class Perform:
    """Goes to a clip's first pose, plays the clip when it is there, and stays at its end.

    A joint of the contract is the clip's of the same name, with or without ``_joint`` at its end; the clip's other
    joints are left out, and so is its root. Between frames joints go straight. What the arm cannot do is limited to
    what it can, before anything moves.

    Args:
        clip: of a body that counts angles as the robot does, but for its ``zero_offset``.
        contract: of the arm.

    Raises:
        ConfigError: the contract's actions are no positions, a joint has no motion, or the tool would leave its box.

    Attributes:
        limited: joint -> steps in which a limit changed where it is sent.
        left_out: joints of the clip that the contract does not have.
        steps: of the clip.
        played: how many of them were played in the episode that runs now.
    """

    def __init__(self, clip: Clip, contract: Contract) -> None:
        from robomem.motion.limits import within
        from robomem.motion.resample import resample

        pose, columns = resample(clip, contract.rate_hz).pose, _columns(clip, contract)
        asked = pose[:, [clip.body.at[at].start for at in columns]] + clip.body.zero_offset[columns]
        self.left_out = tuple(name for at, name in enumerate(clip.body.joints) if at not in columns)
        limits = contract.limits
        step = np.minimum(limits.velocity * contract.period_s, MAX_STEP_RAD)
        _, kept = within(asked, limits.lower, limits.upper, step)
        changed = (np.abs(kept - asked) > 1e-9).sum(axis=0)
        self.limited = {name: int(count) for name, count in zip(limits.names, changed) if count}
        _require_inside(kept, contract)
        self._path, self._actions = kept, pose_actions(kept, contract)
        joints = gym.spaces.Box(-np.inf, np.inf, (len(contract.joints),), np.float64)
        self.observation_space: gym.Space[Any] = gym.spaces.Dict({POSITION: joints})
        self.action_space: gym.Space[Any] = gym.spaces.Box(-1, 1, self._actions.shape[1:], np.float32)
        self.steps, self.played = len(self._path), 0

    def reached(self, position: FloatArray) -> bool:
        """Return whether all was played and the joints [J] are within 0.05 rad of the end."""
        return self.played >= self.steps and self._is_at(-1, position)

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[npt.NDArray[np.float32], PolicyState | None]:
        """Return the next pose as an action; see ``robomem.policy.Policy``.

        It is asked for one row. The state is how many steps were played.
        """
        begins = state is None or (episode_start is not None and bool(np.any(episode_start)))
        step = 0 if begins or state is None else int(np.max(state["step"]))
        if step or self._is_at(0, np.asarray(observation[POSITION])):
            step += 1
        self.played = min(step, self.steps)
        return self._actions[max(self.played, 1) - 1], {"step": np.array(self.played)}

    def _is_at(self, step: int, position: FloatArray) -> bool:
        return bool((np.abs(position - self._path[step]) <= _NEAR_RAD).all())

    def __str__(self) -> str:
        told = [f"{joint} in {count}" for joint, count in self.limited.items()]
        changed = f"limited to what the arm can do: {', '.join(told)}" if told else "within the arm's limits"
        without = f"; without {', '.join(self.left_out)}" if self.left_out else ""
        return f"{self.steps} steps, {changed}{without}"


def _columns(clip: Clip, contract: Contract) -> list[int]:
    """Return for each joint of the contract which joint of the clip it is."""
    body = clip.body
    found = {name.removesuffix(_SUFFIX): at for at, name in enumerate(body.joints) if body.hinges[at]}
    missing = [name for name in contract.joints if name.removesuffix(_SUFFIX) not in found]
    if missing:
        raise ConfigError(
            f"The motion is of {body.name} and moves {', '.join(found) or 'no hinge'}; {contract.robot} also needs "
            f"{', '.join(missing)}. Make one for this arm: robomem motion generate … --robot {contract.robot} --out "
            "clip.npz."
        )
    return [found[name.removesuffix(_SUFFIX)] for name in contract.joints]


def _require_inside(path: FloatArray, contract: Contract) -> None:
    if contract.workspace is None:
        return
    away = np.array([contract.workspace.outside_by(pose) for pose in path])
    if away.any():
        worst = int(away.argmax())
        raise ConfigError(
            f"{worst / contract.rate_hz:.1f} s into the motion the tool is {100 * away[worst]:.1f} cm outside the "
            f"workspace of {contract.robot}."
        )
