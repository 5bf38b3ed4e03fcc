"""Whether an arm is driven as the policy was trained: at the same rate, by actions that mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robomem.deploy.contract import Contract
from robomem.embodiment import CONTROL_PERIOD_S
from robomem.errors import ConfigError

__all__ = ["require_training"]

_CONTROL = "joint_position"
"""What RoboMem's tasks take where nothing else was asked for."""
_SAME = 0.01


def require_training(info: Mapping[str, Any], contract: Contract) -> None:
    """Raise ConfigError unless the contract's rate and control are those that a policy was trained with.

    The numbers would fit at any rate, and the arm would move: five times as fast at 100 Hz, since an action is a step.

    Args:
        info: what ``robomem.policy.info`` returns; nothing is checked for a policy that does not say where it is from.
        contract: of the arm.
    """
    if "env" not in info:
        return
    rate = float(info.get("rate_hz", 1.0 / CONTROL_PERIOD_S))
    control = (info.get("env_kwargs") or {}).get("control", _CONTROL)
    wrong = []
    if abs(contract.rate_hz - rate) > _SAME * rate:
        wrong.append(f"it was trained at {rate:g} Hz and would run at {contract.rate_hz:g} (set rate_hz to {rate:g})")
    if contract.control != control:
        wrong.append(f"its actions are {control}, the contract's {contract.control} (set control to {control})")
    if wrong:
        raise ConfigError(f"The policy does not fit the contract of {contract.robot}: {'; '.join(wrong)}.")
