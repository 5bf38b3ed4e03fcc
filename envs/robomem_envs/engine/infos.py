"""A step's infos in the form that gymnasium's vector environments give them.

Every ``key`` [B] comes with ``_key`` [B], the rows that said it; a key that no row said is absent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from robomem.types import BoolArray
from robomem_envs.engine.episodes import Step

__all__ = ["gather", "with_begun", "with_final"]


def gather(step: Step, told: BoolArray | None = None) -> dict[str, Any]:
    """Return ``success``, ``reward/<term>`` and, if it happened, ``diverged``.

    Args:
        step: what happened.
        told: [B] the rows of which to tell; None tells of all.
    """
    if told is None:
        everywhere = np.ones(len(step.success), bool)
        info: dict[str, Any] = {"success": step.success.copy(), "_success": everywhere}
        for name, value in step.terms.items():
            info[f"reward/{name}"], info[f"_reward/{name}"] = value.copy(), everywhere.copy()
        diverged = step.diverged
    elif np.count_nonzero(told):
        info = {"success": step.success & told, "_success": told.copy()}
        for name, value in step.terms.items():
            info[f"reward/{name}"], info[f"_reward/{name}"] = np.where(told, value, 0.0), told.copy()
        diverged = step.diverged & told
    else:
        return {}
    if np.count_nonzero(diverged):
        info["diverged"], info["_diverged"] = diverged.copy(), diverged.copy()
    return info


def with_begun(info: dict[str, Any], begun: BoolArray) -> dict[str, Any]:
    """Add what ``reset`` says of the rows that begin: no success yet."""
    if not info:
        return {"success": np.zeros(len(begun), bool), "_success": begun.copy()}
    return info | {"_success": info["_success"] | begun}


def with_final(info: dict[str, Any], step: Step, ended: BoolArray, observation: Any) -> dict[str, Any]:
    """Add ``final_obs`` (an object array, None where the episode goes on) and ``final_info`` of the rows that ended."""
    last: npt.NDArray[np.object_] = np.empty(len(ended), object)
    for row in np.flatnonzero(ended):
        if isinstance(observation, dict):
            last[row] = {name: value[row].copy() for name, value in observation.items()}
        else:
            last[row] = observation[row].copy()
    final = {"final_obs": last, "_final_obs": ended.copy()}
    return info | final | {"final_info": gather(step, ended), "_final_info": ended.copy()}
