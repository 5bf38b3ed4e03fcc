"""A table in physics: the arm follows paths, the jaws close, things stay, fall or are carried by friction alone."""

from __future__ import annotations

from typing import Final

import mujoco
import numpy as np

from robomem.errors import EnvironmentFault
from robomem.types import FloatArray
from robomem_assets import arms, props
from robomem_assets.household.colours import rgba
from robomem_assets.props.prisms import SHAPES
from robomem_assets.workbench import PALETTE, workbench
from robomem_envs.manipulate.layout import AREA_M, Layout, Thing
from robomem_envs.manipulate.wiping import Wiping

__all__ = ["CONTAINER_M", "PRISM_M", "ROBOT", "Bench"]

ROBOT: Final = "panda"
CONTAINER_M: Final = (0.15, 0.15, 0.045)
PRISM_M: Final = 0.045
"""Height of every shape that can be picked up."""
_SPEED_RAD_S = 2.0
_LEAST_S, _PATIENCE_S = 0.2, 0.6
_DIVERGED: Final = tuple(
    int(kind)
    for kind in (mujoco.mjtWarning.mjWARN_BADQPOS, mujoco.mjtWarning.mjWARN_BADQVEL, mujoco.mjtWarning.mjWARN_BADQACC)
)
_STILL = 0.02
"""Velocity, m/s and rad/s, below which a thing is at rest."""


class Bench:
    """The physics of one layout.

    Args:
        layout: what stands where.

    Attributes:
        model, data: MuJoCo's.
        layout: what stood where at the beginning.
        things: the layout's, by name.
        open: whether the gripper was last told to open.
        wiping: which spots of dirt are gone, and when they were last wiped.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.things: dict[str, Thing] = {thing.name: thing for thing in layout}
        self.arm = arms.load(ROBOT)
        self.model = workbench(ROBOT, self.furnish).compile()
        self.data = mujoco.MjData(self.model)
        mujoco.mj_resetDataKeyframe(self.model, self.data, self.model.key("home").id)
        joints = [self.model.joint(name) for name in self.arm.joints]
        self.addresses = np.array([int(joint.qposadr[0]) for joint in joints])
        self._drives = np.array([self.model.actuator(name).id for name in self.arm.actuators])
        self._fingers = [self.model.body(name).id for name in ("left_finger", "right_finger")]
        self._movable = {self.model.body(thing.name).id: thing.name for thing in layout if thing.movable}
        self._site = self.model.site(self.arm.ee_site).id
        self.open = True
        self.wiping = Wiping(self)
        self.settle()

    def furnish(self, spec: mujoco.MjSpec) -> None:
        """Add the layout's things to a scene."""
        for thing in self.layout:
            colour = [*PALETTE[thing.colour], 1.0]
            match thing.shape:
                case "container":
                    props.add_box(spec, thing.name, thing.point, colour, CONTAINER_M, None)
                case "sorter":
                    holes = [pit.hole for pit in self.layout if pit.shape == "pit"]
                    props.add_sorter(spec, thing.name, thing.point, holes, rgba("oak"))
                case "sponge":
                    props.add_sponge(spec, thing.name, thing.point, colour, thing.heading)
                case "area":
                    pale = [0.15 + 0.85 * part for part in colour[:3]] + [1.0]
                    props.add_smudge(spec, thing.name, thing.point, *AREA_M, pale, heading=thing.heading)
                case shape if shape in SHAPES:
                    props.add_prism(spec, thing.name, thing.point, shape, colour, heading=thing.heading, height=PRISM_M)

    @property
    def joints(self) -> FloatArray:
        """The arm's joint positions [J], radians."""
        joints: FloatArray = self.data.qpos[self.addresses].copy()
        return joints

    @property
    def tool(self) -> tuple[FloatArray, FloatArray]:
        """Position [3] and rotation [3, 3] between the finger tips, in the arm's base frame."""
        return self.data.site_xpos[self._site].copy(), self.data.site_xmat[self._site].reshape(3, 3).copy()

    def position(self, name: str) -> FloatArray:
        """Return the middle [3] of a thing in the arm's base frame, metres."""
        thing = self.things[name]
        if thing.movable:
            point: FloatArray = self.data.body(name).xpos.copy()
            return point
        height = {"container": CONTAINER_M[2] / 2, "sorter": 0.03, "pit": 0.03}.get(thing.shape, 0.001)
        return np.array([*thing.point, height])

    def matrix(self, name: str) -> FloatArray:
        """Return the rotation [3, 3] of a thing that can be moved."""
        turn: FloatArray = self.data.body(name).xmat.reshape(3, 3).copy()
        return turn

    @property
    def held(self) -> str | None:
        """What both fingers touch while the gripper is closed."""
        return None if self.open else self._between()

    def _between(self) -> str | None:
        touching: list[set[int]] = [set(), set()]
        for pair in self.model.geom_bodyid[self.data.contact.geom[: self.data.ncon]].tolist():
            for side, finger in enumerate(self._fingers):
                if finger in pair:
                    touching[side].add(pair[0] if pair[1] == finger else pair[1])
        both = touching[0] & touching[1] & self._movable.keys()
        return self._movable[min(both)] if both else None

    def follow(self, path: list[FloatArray]) -> None:
        """Drive the arm along joint positions, beginning and ending at rest, and let it settle."""
        corners = np.array([self.data.ctrl[self._drives[:-1]].copy(), *path])
        lengths = np.abs(np.diff(corners, axis=0)).max(axis=1)
        along = np.concatenate([[0.0], np.cumsum(lengths)])
        duration = max(_LEAST_S, 1.5 * along[-1] / _SPEED_RAD_S)
        steps = round(duration / self.model.opt.timestep)
        for k in range(1, steps + 1):
            share = k / steps
            reached = along[-1] * share * share * (3.0 - 2.0 * share)
            after = min(int(np.searchsorted(along, reached)), len(path))
            before = max(after - 1, 0)
            part = (reached - along[before]) / max(along[after] - along[before], 1e-9)
            self.data.ctrl[self._drives[:-1]] = corners[before] + min(part, 1.0) * (corners[after] - corners[before])
            self._step()
        self.settle()

    def grip(self, opened: bool) -> None:
        """Open the gripper, or close it with all its force."""
        self.open = opened
        self.data.ctrl[self._drives[-1]] = self.arm.gripper_open if opened else self.arm.gripper_closed
        for _ in range(round(_LEAST_S / self.model.opt.timestep)):
            self._step()
        self.settle()

    def settle(self) -> None:
        """Let everything come to rest, for a while at most.

        Raises:
            EnvironmentFault: the physics has diverged.
        """
        for k in range(round(_PATIENCE_S / self.model.opt.timestep)):
            if k % 8 == 7 and np.abs(self.data.qvel).max() < _STILL:
                break
            self._step()
        if any(self.data.warning[kind].number for kind in _DIVERGED):
            raise EnvironmentFault("The physics of the table has diverged.")

    def _step(self) -> None:
        mujoco.mj_step(self.model, self.data)
        self.wiping.watch()
