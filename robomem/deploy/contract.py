"""What the bridge and an arm agree on: joints, limits, topics, rates, and what happens when a channel goes quiet.

One YAML file an arm. It is read whole and checked before anything moves: a field that is misspelt, missing or absurd is
refused with its place in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from robomem.deploy.fields import Fields
from robomem.embodiment import JointControl, Proprioception
from robomem.errors import ConfigError, StorageError
from robomem.safety import JointLimits, Workspace
from robomem.types import FloatArray

__all__ = ["ACTION", "Camera", "Channel", "Command", "Contract", "Gripper", "Sense", "parse", "read"]

_JOINT = ("lower", "upper", "velocity", "acceleration", "step", "home")
_CHANNEL = ("topic", "timeout_s", "reliable", "depth")
_KINDS = ("trajectory", "action", "forward")
ACTION = "follow_joint_trajectory"
"""The last part of the name of a trajectory controller's action."""
_STALE = ("hold", "keep")


@dataclass(frozen=True)
class Channel:
    """A topic that the bridge listens to.

    Attributes:
        topic: its name; relative names get the namespace of the node.
        timeout_s: older than this it is stale, by a steady clock.
        reliable: quality of service; best effort if False, as drivers publish joint states and pictures.
        depth: of the queue.
    """

    topic: str
    timeout_s: float
    reliable: bool = False
    depth: int = 1


@dataclass(frozen=True)
class Sense:
    """A part of the observation that comes as numbers over a topic (std_msgs/Float32MultiArray).

    Attributes:
        channel: where from.
        size: how many numbers.
        stale: ``hold`` stops the arm when the channel goes quiet, ``keep`` goes on with the last numbers.
    """

    channel: Channel
    size: int
    stale: str = "hold"


@dataclass(frozen=True)
class Camera:
    """A part of the observation that comes as pictures.

    Attributes:
        channel: where from.
        width, height: pixels that the policy takes; pictures of another size are resized.
        compressed: whether the topic carries sensor_msgs/CompressedImage.
    """

    channel: Channel
    width: int
    height: int
    compressed: bool = False


@dataclass(frozen=True)
class Gripper:
    """The joint that opens the gripper, driven by the last number of an action: -1 closed … 1 open."""

    joint: str
    closed: float
    open: float


@dataclass(frozen=True)
class Command:
    """How the arm is driven.

    Attributes:
        kind: ``trajectory`` (trajectory_msgs/JointTrajectory, what joint_trajectory_controller takes), ``action``
            (its control_msgs/FollowJointTrajectory, which also says when it gives up) or ``forward``
            (std_msgs/Float64MultiArray, what forward_command_controller takes: it has no timeout of its own).
        topic: of the controller; the action's name for ``action``.
        horizon_s: how long an arm that hears nothing more goes on: trajectories end at rest after it.
    """

    kind: str
    topic: str
    horizon_s: float


@dataclass(frozen=True)
class Contract:
    """One arm.

    Attributes:
        robot: its name.
        control: how actions become joint targets, see ``robomem.embodiment.JointControl``.
        rate_hz: of the policy.
        limits: of the joints, by the names that ROS uses, in the policy's order.
        home: [J] rad.
        states: where joint states come from.
        command: where commands go.
        senses: observation parts that come as numbers, by name.
        cameras: observation parts that come as pictures, by name.
        workspace: where the end effector may be, and the kinematics for it; None checks joints alone.
        gripper: None for an arm without one, or one that the policy does not drive.
        enable: the sense that must be at least 0.5 for actions to move the arm, e.g. a go signal; None moves always.
    """

    robot: str
    control: str
    rate_hz: float
    limits: JointLimits
    home: FloatArray
    states: Channel
    command: Command
    senses: Mapping[str, Sense] = field(default_factory=dict)
    cameras: Mapping[str, Camera] = field(default_factory=dict)
    workspace: Workspace | None = None
    gripper: Gripper | None = None
    enable: str | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError if an arm would come to rest before each new command."""
        if self.command.horizon_s < self.period_s:
            raise ConfigError(
                f"command.horizon_s {self.command.horizon_s:g} of {self.robot} is shorter than a period of "
                f"{self.period_s:g} s: the arm would stop before each new command. Make it twice that or more."
            )

    @property
    def joints(self) -> tuple[str, ...]:
        """The joints' names, in the policy's order."""
        return self.limits.names

    @property
    def period_s(self) -> float:
        """Of a step of the policy."""
        return 1.0 / self.rate_hz

    def joint_control(self) -> JointControl:
        """Return what turns actions into joint targets."""
        return JointControl(self.control, self.limits.lower, self.limits.upper, self.home)

    def proprioception(self) -> Proprioception:
        """Return what turns joint states into what the policy feels."""
        grips = None if self.gripper is None else (self.gripper.closed, self.gripper.open)
        return Proprioception(self.limits.lower, self.limits.upper, grips)


def read(path: Path | str) -> Contract:
    """Read and check a contract.

    ``extends: FILE`` (beside it) begins with the fields of another contract; a field that is given replaces its own.

    Raises:
        StorageError: the file cannot be read.
        ConfigError: it is no YAML, or a field is unknown, missing or absurd.
    """
    return parse(_content(Path(path)), str(path))


def _content(path: Path, seen: tuple[Path, ...] = ()) -> Any:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"Cannot read the contract {path}: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict) or "extends" not in content:
        return content
    base = path.parent / str(content.pop("extends"))
    if base in (path, *seen):
        raise ConfigError(f"{path} extends itself.")
    under = _content(base, (*seen, path))
    return {**under, **content} if isinstance(under, dict) else content


def parse(content: Any, where: str) -> Contract:
    """Check what YAML gave; ``where`` begins every error. See ``read``."""
    top = Fields(content, where, Contract.__dataclass_fields__.keys() - {"limits", "home"} | {"joints"})
    names = top.mapping("joints")
    if not names:
        raise ConfigError(f"{where} names no joints.")
    joints = {name: Fields(part, f"{where}: joints.{name}", _JOINT) for name, part in names.items()}
    limits = JointLimits.from_mapping(
        {name: {key: joint.number(key) for key in _JOINT[:-1]} for name, joint in joints.items()}
    )
    home = np.array([joint.number("home") for joint in joints.values()])
    outside = (home < limits.lower) | (home > limits.upper)
    if outside.any():
        raise ConfigError(f"{where}: home of {limits.names[int(outside.argmax())]} is outside its limits.")
    command = Fields(top.content.get("command"), f"{where}: command", Command.__dataclass_fields__)
    contract = Contract(
        robot=top.text("robot"),
        control=top.text("control", choices=("joint_position", "joint_delta")),
        rate_hz=top.number("rate_hz", above=0.0),
        limits=limits,
        home=home,
        states=_channel(top.content.get("states"), f"{where}: states"),
        command=Command(
            command.text("kind", choices=_KINDS), command.text("topic"), command.number("horizon_s", above=0.0)
        ),
        senses={name: _sense(part, f"{where}: senses.{name}") for name, part in top.mapping("senses").items()},
        cameras={name: _camera(part, f"{where}: cameras.{name}") for name, part in top.mapping("cameras").items()},
        workspace=Workspace.from_mapping(top.mapping("workspace")) if "workspace" in top else None,
        gripper=_gripper(top.content["gripper"], f"{where}: gripper") if "gripper" in top else None,
        enable=top.text("enable") if "enable" in top else None,
    )
    if contract.command.kind == "action" and not contract.command.topic.endswith(f"/{ACTION}"):
        raise ConfigError(f"{where}: command.topic of an action ends in /{ACTION}, not {contract.command.topic!r}.")
    if contract.enable is not None and contract.enable not in contract.senses:
        raise ConfigError(f"{where}: enable is {contract.enable!r}, which is none of the senses {[*contract.senses]}.")
    if contract.workspace is not None and not contract.workspace.allows(contract.home):
        raise ConfigError(f"{where}: the home pose is outside the workspace box.")
    return contract


def _channel(content: Any, where: str, extra: tuple[str, ...] = ()) -> Channel:
    fields = Fields(content, where, (*_CHANNEL, *extra))
    timeout = fields.number("timeout_s", above=0.0)
    return Channel(fields.text("topic"), timeout, fields.flag("reliable", False), fields.whole("depth", 1, least=1))


def _sense(content: Any, where: str) -> Sense:
    own = ("size", "stale")
    channel, fields = _channel(content, where, own), Fields(content, where, (*_CHANNEL, *own))
    return Sense(channel, fields.whole("size", least=1), fields.text("stale", "hold", choices=_STALE))


def _camera(content: Any, where: str) -> Camera:
    own = ("width", "height", "compressed")
    channel, fields = _channel(content, where, own), Fields(content, where, (*_CHANNEL, *own))
    width, height = fields.whole("width", least=1), fields.whole("height", least=1)
    return Camera(channel, width, height, fields.flag("compressed", False))


def _gripper(content: Any, where: str) -> Gripper:
    fields = Fields(content, where, Gripper.__dataclass_fields__)
    return Gripper(fields.text("joint"), fields.number("closed"), fields.number("open"))
