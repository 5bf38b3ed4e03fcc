"""``robomem motion generate``: text to motion, within a robot's limits, performed in MuJoCo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from robomem.cli.parse import OptionalName
from robomem.errors import ConfigError, suggest

if TYPE_CHECKING:
    from robomem.motion import Clip
    from robomem.motion.robots import RobotMotion

__all__ = ["Generate"]

_WRITTEN = (".mp4", ".npz", ".bvh", ".png")


@dataclass(frozen=True)
class Generate:
    """Move as words say: one motion after the other, within the robot's limits, as the robot performs it in MuJoCo.

    robomem motion generate "wave with the right hand; reach left slowly" --model runs/motion-s0 --out clip.mp4 clip.npz
    """

    text: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="TEXT")]
    """What to do; ";" stands between motions that follow one another."""
    model: Path
    """A run of robomem train motion, or a model's folder."""
    out: tuple[Path, ...]
    """Files to write: .mp4 and .png show it, .npz keeps it, .bvh is for other programs. None is overwritten."""
    robot: OptionalName = None
    """Who performs it: robomem list robots-that-move. By default the robot that the model learnt from."""
    seconds: tuple[float, ...] = ()
    """How long each motion lasts: one number, or one for each; by default what the model chooses."""
    seed: int = 0
    """Another seed is another motion for the same words."""
    guidance: float = 4.0
    """How much the words count; 1 for no guidance."""
    temperature: float = 1.0
    """How much chance counts; 0 for the likeliest motion."""
    smoothing: float = 0.05
    """Seconds, the width of the Gaussian that takes the jitter of decoded tokens out; 0 for none."""
    no_track: bool = False
    """Show the motion that was asked for, within limits, instead of what the robot makes of it in MuJoCo."""

    def run(self) -> int:
        """Generate, limit, perform, write and tell."""
        from robomem.cli.console import out
        from robomem.cli.performing import performed
        from robomem.motion.learners import load
        from robomem.motion.robots import robot_for, robots
        from robomem.train.process import settle

        self._check_files()
        chosen = robots[self.robot]() if self.robot else None  # a wrong name is told before the work is done
        settle()
        model = load(self.model)
        (clip,) = model.generate(
            self.text,
            seconds=(self.seconds[0] if len(self.seconds) == 1 else self.seconds) if self.seconds else None,
            seed=self.seed,
            guidance=self.guidance,
            temperature=self.temperature,
            smoothing=self.smoothing,
        )
        for segment in clip.segments:
            out.print(
                f"{segment.start / clip.fps:6.1f} to {segment.end / clip.fps:.1f} s: {segment.text}", markup=False
            )
        robot = chosen or robot_for(None, clip.body)
        shown = performed(clip, robot, track=not self.no_track)
        self._write(shown, robot)
        return 0

    def _check_files(self) -> None:
        """Raise ConfigError, before the work is done, for a file that cannot be written."""
        for path in self.out:
            if path.suffix.lower() not in _WRITTEN:
                raise ConfigError(f"{path} is of no format that can be written. {suggest(path.suffix, _WRITTEN)}")
            if path.exists():
                raise ConfigError(f"{path} is there already, and is not overwritten; choose another name.")
        if len({path.resolve() for path in self.out}) < len(self.out):
            raise ConfigError("One file is asked for twice; give each --out a name of its own.")

    def _write(self, clip: Clip, robot: RobotMotion) -> None:
        from robomem.cli.console import out
        from robomem.motion.files import write_motion
        from robomem.rollout.motion_pictures import write_film, write_strip

        for path in self.out:
            if path.suffix.lower() == ".mp4":
                write_film(path, robot, clip)
            elif path.suffix.lower() == ".png":
                write_strip(path, robot, clip)
            else:
                write_motion(clip, path)
            out.print(f"-> {path}", markup=False)
