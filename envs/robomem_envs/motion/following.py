"""A clip performed by a robot in MuJoCo, through the safety filter, and how far from it the robot was."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.interpolate import CubicSpline

from robomem.errors import DataError
from robomem.motion import Body, Clip, place
from robomem.motion.robots import Tracking
from robomem.safety import JointLimits, SafetyFilter
from robomem.types import BoolArray, FloatArray
from robomem_envs.motion.falls import standing
from robomem_envs.motion.stage import RATE_HZ, Stage

__all__ = ["follow", "limits_of", "refuse_others"]

_TO_TOP_SPEED_S = 0.1
_UNKNOWN_SPEED_RAD_S = 10.0
_STEP_RAD = 0.8
_SETTLE_S = 0.3
_SAME_RAD = 1e-6


def limits_of(body: Body) -> JointLimits:
    """Return what each joint may do: the body's positions and speeds; top speed is reached in 0.1 s."""
    speed = np.where(np.isfinite(body.velocity), body.velocity, _UNKNOWN_SPEED_RAD_S)
    step = np.full(len(body.joints), _STEP_RAD)
    return JointLimits(body.joints, body.lower, body.upper, speed, speed / _TO_TOP_SPEED_S, step)


def refuse_others(body: Body, clip: Clip) -> None:
    """Raise DataError unless a clip is of this body."""
    if clip.body.joints != body.joints or clip.body.fixed != body.fixed:
        raise DataError(
            f"This clip is of {clip.body.name} ({len(clip.body.joints)} joints), not of {body.name} "
            f"({len(body.joints)}). Retarget it first (robomem.motion.retarget)."
        )


def follow(stage: Stage, clip: Clip, told: Callable[[int, int], None] | None = None) -> Tracking:
    """Perform a clip; see `RobotMotion.track`. The set-points lead by what the actuators' damping makes them lag.

    Raises:
        DataError: a clip of another body.
    """
    refuse_others(stage.body, clip)
    limits = limits_of(stage.body)
    safety = SafetyFilter(limits, 1 / RATE_HZ)
    start = np.clip(clip.pose[0], limits.lower, limits.upper)
    stage.place(start, None if stage.body.fixed else (clip.root_position[0], clip.root_rotation[0]))
    safety.reset(stage.pose)
    settle = np.tile(start, (round(_SETTLE_S * RATE_HZ), 1))
    stage.perform(settle, sent=lambda command, measured: safety.apply(command, measured).positions)
    targets = _set_points(clip, stage.lag_s)
    changed: BoolArray = np.zeros((len(targets), len(stage.body.joints)), dtype=bool)
    tick = 0

    def sent(command: FloatArray, measured: FloatArray) -> FloatArray:
        nonlocal tick
        filtered = safety.apply(command, measured)
        changed[tick] = np.abs(filtered.positions - command) > _SAME_RAD
        tick += 1
        if told and int(tick * clip.fps / RATE_HZ) > int((tick - 1) * clip.fps / RATE_HZ):
            told(int(tick * clip.fps / RATE_HZ), len(clip))
        return filtered.positions

    poses, positions, rotations = stage.perform(targets, sent=sent, every_s=1 / clip.fps)
    if told:
        told(len(clip), len(clip))
    achieved = Clip(stage.body, clip.fps, poses, positions, rotations, clip.text, clip.segments)
    return _measured(clip, achieved, changed, sum(safety.counts.values()))


def _times(clip: Clip) -> tuple[FloatArray, FloatArray]:
    """Return the times (s) of frames and of set-points."""
    times = np.arange(len(clip)) / clip.fps
    return times, np.arange(round(times[-1] * RATE_HZ) + 1) / RATE_HZ


def _set_points(clip: Clip, lag_s: FloatArray) -> FloatArray:
    """Return set-points [N, J] at `RATE_HZ` over the clip's frames, on a cubic spline."""
    times, ticks = _times(clip)
    if len(clip) < 2:
        return np.tile(clip.pose, (len(ticks), 1))
    curve = CubicSpline(times, clip.pose)
    found: FloatArray = curve(ticks) + lag_s * curve(ticks, 1)
    return found


def _measured(clip: Clip, achieved: Clip, changed: BoolArray, refused: int) -> Tracking:
    wanted, found = place(clip).points, place(achieved).points
    apart = np.stack([np.linalg.norm(wanted[name] - found[name], axis=1) for name in wanted])
    fallen = np.flatnonzero(~standing(achieved, clip.root_position[:, 2].max()) & standing(clip))
    frames = np.minimum((np.arange(len(changed)) * clip.fps / RATE_HZ).astype(int), len(clip) - 1)
    per_joint = {name: len(set(frames[changed[:, at]])) for at, name in enumerate(clip.body.joints)}
    return Tracking(
        achieved=achieved,
        joint_error_rad=float(np.abs(achieved.pose - clip.pose).mean()),
        point_error_m=float(apart.mean()),
        worst_point_error_m=float(apart.max()),
        fell=bool(len(fallen)),
        fell_at_s=float(fallen[0] / clip.fps) if len(fallen) else None,
        limited={name: count for name, count in per_joint.items() if count},
        refused=refused,
    )
