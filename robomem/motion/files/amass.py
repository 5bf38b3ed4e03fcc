"""AMASS and its kin: rotation vectors of the SMPL family's joints in an npz file (Mahmood et al. 2019)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion.clip import Clip
from robomem.motion.files.axes import vectors_from_y_up
from robomem.motion.files.human import human

__all__ = ["amass_clip"]

_WIDTHS = {66: "22 joints", 72: "SMPL", 156: "SMPL-H", 165: "SMPL-X"}
_RATES = ("mocap_framerate", "mocap_frame_rate")
_PELVIS_M = np.array([0.0, -0.22, 0.03])  # of the model in its own axes; `trans` moves the model, not the pelvis


def amass_clip(arrays: Mapping[str, npt.NDArray[Any]], *, told: Callable[[str], None] = lambda _: None) -> Clip:
    """Return the motion of the 22 body joints; fingers and faces are left out.

    The skeleton is that of an average adult, written by us: the model of Loper et al. 2015, with which `betas` would
    say each person's own bones, is not ours to ship. Rotations are exact, places are off by what the bones differ.

    Args:
        arrays: `poses` [T, 66, 72, 156 or 165] rad, `trans` [T, 3] m with z up, and the rate of frames.
        told: called with what was left out.

    Raises:
        DataError: an array is missing, of another shape or not finite.
    """
    missing = [name for name in ("poses", "trans") if name not in arrays]
    rate = next((name for name in _RATES if name in arrays), None)
    if missing or rate is None:
        needs = missing or [" or ".join(_RATES)]
        raise DataError(
            f"An AMASS file needs {', '.join(needs)}; this one holds {', '.join(sorted(arrays)) or 'nothing'}."
        )
    poses, trans = (_numbers(name, arrays[name]) for name in ("poses", "trans"))
    if poses.ndim != 2 or poses.shape[1] not in _WIDTHS or trans.shape != (len(poses), 3) or not len(poses):
        raise DataError(f"poses must be [T, 66, 72, 156 or 165] and trans [T, 3], not {poses.shape} and {trans.shape}.")
    fps = _numbers(rate, arrays[rate])
    if fps.size != 1:
        raise DataError(f"{rate} must be one number, not of shape {fps.shape}.")
    if "betas" in arrays and np.any(_numbers("betas", arrays["betas"])):
        told("The file tells the person's shape (betas); the bones are an average adult's all the same.")
    body = human()
    vectors = poses[:, :66].reshape(len(poses), 22, 3)
    turned = Rotation.from_rotvec(vectors_from_y_up(vectors[:, 1:]).reshape(-1, 3)).as_quat(scalar_first=True)
    ours = Rotation.from_matrix(vectors_from_y_up(np.eye(3)))  # our axes as its model's axes see them, one a column
    root = Rotation.from_rotvec(vectors[:, 0]) * ours
    return Clip(
        body,
        float(fps.reshape(-1)[0]),
        turned.reshape(len(poses), body.size),
        trans + _PELVIS_M,
        root.as_quat(scalar_first=True),
    )


def _numbers(name: str, array: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    if array.dtype.kind not in "fiu":
        raise DataError(f"{name} must be numbers, not {array.dtype}.")
    numbers = array.astype(np.float64)
    if not np.isfinite(numbers).all():
        where = f" in frame {int(np.argwhere(~np.isfinite(numbers))[0][0])}" if numbers.ndim else ""
        raise DataError(f"{name} is not finite{where}.")
    return numbers
