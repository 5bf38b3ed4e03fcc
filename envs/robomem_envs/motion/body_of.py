"""A MuJoCo model as the body of clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import mujoco
import numpy as np

from robomem.errors import ConfigError
from robomem.motion import Body, Point
from robomem.types import FloatArray

__all__ = ["body_of"]


def body_of(
    model: mujoco.MjModel,
    name: str,
    joints: Sequence[str],
    points: Sequence[str],
    *,
    zero: Mapping[str, float] | None = None,
    velocity: float = np.inf,
    contacts: tuple[str, ...] = (),
) -> Body:
    """Return the body whose joints are a model's hinges and whose points are its sites.

    Args:
        model: with or without a free root.
        name: of the body.
        joints: the hinges that make a pose, in the model's order; others stand still.
        points: sites.
        zero: joint -> the angle (rad) that counts as zero; the model's own where nothing is said.
        velocity: rad/s, the fastest that each joint turns.
        contacts: the points that touch the floor.

    Raises:
        ConfigError: a joint is no hinge, or not in the model's order.
    """
    data, zero = mujoco.MjData(model), zero or {}
    free = [index for index in range(model.njnt) if model.jnt_type[index] == mujoco.mjtJoint.mjJNT_FREE]
    numbers = [model.joint(joint).id for joint in joints]
    if numbers != sorted(numbers) or any(model.jnt_type[at] != mujoco.mjtJoint.mjJNT_HINGE for at in numbers):
        raise ConfigError(f"The joints of body {name!r} must be hinges in the order of the model: {list(joints)}.")
    for joint, angle in zero.items():
        data.joint(joint).qpos[0] = angle
    if free:
        data.qpos[:7] = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    mujoco.mj_kinematics(model, data)

    def carrier(body: int, before: int | None = None) -> int:
        """Return which of `joints` moves a body last, before one of its own if that is told."""
        while body:
            own = [at for at in numbers if model.jnt_bodyid[at] == body and (before is None or at < before)]
            if own:
                return numbers.index(own[-1])
            body, before = int(model.body_parentid[body]), None
        return -1

    parents = tuple(carrier(int(model.jnt_bodyid[at]), at) for at in numbers)
    anchors: FloatArray = data.xanchor[numbers]
    offsets = np.array([anchor - (anchors[up] if up >= 0 else 0.0) for anchor, up in zip(anchors, parents)])
    places = {}
    for point in points:
        on = carrier(int(model.site(point).bodyid[0]))
        offset = data.site(point).xpos - (anchors[on] if on >= 0 else 0.0)
        places[point] = Point(on, (float(offset[0]), float(offset[1]), float(offset[2])))
    shift = np.array([zero.get(joint, 0.0) for joint in joints])
    limited = model.jnt_limited[numbers].astype(bool)
    return Body(
        name=name,
        joints=tuple(joints),
        parents=parents,
        offsets=offsets,
        axes=data.xaxis[numbers].copy(),
        lower=np.where(limited, model.jnt_range[numbers, 0], -np.pi) - shift,
        upper=np.where(limited, model.jnt_range[numbers, 1], np.pi) - shift,
        velocity=np.full(len(numbers), velocity),
        points=places,
        contacts=contacts,
        fixed=not free,
        zero_offset=shift,
    )
