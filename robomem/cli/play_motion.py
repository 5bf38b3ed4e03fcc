"""``robomem play --motion``: a file of motion, performed by a robot in MuJoCo and filmed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from robomem.cli.parse import OptionalName, OptionalPath
from robomem.errors import ConfigError, UnknownNameError

if TYPE_CHECKING:
    from robomem.motion import Clip

__all__ = ["PlayMotion"]


@dataclass(frozen=True)
class PlayMotion:
    """Have a robot perform a motion in MuJoCo, within its limits and through the safety filter, and film what it did.

    robomem play --motion walk.bvh --out walk.mp4 · robomem play --motion motion --clip humanoid-0-000007
    """

    motion: Path
    """A file (.npz, .bvh, … as robomem motion reads them), or the folder of a motion set."""
    robot: OptionalName = None
    """Who performs it: a name that `robomem list robots-that-move` shows; by default the robot whose motion it is, else
    the humanoid. Motion of another body is carried over."""
    clip: OptionalName = None
    """Which clip of a motion set; by default its first."""
    no_track: bool = False
    """Draw the motion's poses as they are, after limits, without physics."""
    out: OptionalPath = None
    """The mp4; by default runs/play/NAME-ROBOT.mp4."""
    strip: OptionalPath = None
    """Also draw frames beside one another here, as PNG."""

    def run(self) -> int:
        """Read, limit, perform, film and tell."""
        from robomem.cli.console import out
        from robomem.cli.performing import performed
        from robomem.motion.robots import robot_for
        from robomem.rollout.motion_pictures import write_film, write_strip

        if self.out and self.out.suffix.lower() != ".mp4":
            raise ConfigError(f"A film is an mp4, not {self.out}.")
        asked = self._clip()
        robot = robot_for(self.robot, asked.body)
        path = self.out or Path("runs", "play", f"{self.motion.stem}-{robot.name}.mp4")
        clip = performed(asked, robot, track=not self.no_track)
        write_film(path, robot, clip)
        out.print(f"film: {path}", markup=False)
        if self.strip:
            write_strip(self.strip, robot, clip)
            out.print(f"strip: {self.strip}", markup=False)
        return 0

    def _clip(self) -> Clip:
        """Return what is to be performed."""
        from robomem.motion.files import read_motion
        from robomem.motion.motion_set import read

        if not self.motion.is_dir():
            if self.clip:
                raise ConfigError(f"{self.motion} is one motion; --clip names a clip of a motion set's folder.")
            return read_motion(self.motion)
        clips = {entry.id: entry.clip for entry in read(self.motion).entries}
        if self.clip and self.clip not in clips:
            raise UnknownNameError("clip", self.clip, list(clips)[:20], f"These are some of {len(clips)}.")
        if not clips:
            raise ConfigError(f"The motion set {self.motion} holds no clip.")
        return clips[self.clip or next(iter(clips))]
