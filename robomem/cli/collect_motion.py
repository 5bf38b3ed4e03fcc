"""``robomem collect motion``: a robot's own labelled motion as a data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import tyro

from robomem.cli.parse import OptionalPath
from robomem.errors import ConfigError

__all__ = ["CollectMotion"]


@dataclass(frozen=True)
class CollectMotion:
    """Have a robot's controllers perform labelled actions in MuJoCo and write them as a motion set.

    robomem collect motion --robot humanoid --clips 4000 --seed 0 --out motion
    """

    what: Annotated[Literal["motion"], tyro.conf.Positional, tyro.conf.arg(metavar="motion")] = "motion"
    """The word motion."""
    robot: str = "humanoid"
    """Who moves: a name that `robomem list robots-that-move` shows."""
    clips: int = 1000
    """How many, mirror images included."""
    seed: int = 0
    """Of all chance: the same set for the same seed."""
    segments: tuple[int, int] = (1, 3)
    """Least and most actions of a clip; k actions are as likely as 1/k."""
    no_mirror: bool = False
    """Do not add the mirror image of every clip, with left and right exchanged in motion and words."""
    out: OptionalPath = None
    """Folder for the set. Nothing that is there is overwritten."""

    def run(self) -> int:
        """Generate and write."""
        import robomem
        from robomem.cli.console import out, progress
        from robomem.motion.motion_set import MotionSet, write
        from robomem.motion.robots import robots

        if self.out is None:
            raise ConfigError("Where to? Give --out, a folder.")
        if self.out.exists():
            raise ConfigError(f"{self.out} is there already; name another folder.")
        robot = robots[self.robot]()
        about = {"generator": f"robomem collect motion --robot {robot.name}", "clips": self.clips, "seed": self.seed}
        about |= {"segments": list(self.segments), "mirror": not self.no_mirror, "version": robomem.__version__}
        with progress(f"generating motion of {robot.name}") as advance:
            entries = robot.generate(
                clips=self.clips,
                seed=self.seed,
                segments=self.segments,
                mirror=not self.no_mirror,
                told=lambda made: advance(made, self.clips),
            )
            made = tuple(entries)
        found = MotionSet(robot.body, made[0].clip.fps, made, about)
        write(self.out, found)
        seconds = sum(entry.clip.seconds for entry in made)
        splits = ", ".join(f"{len(found.of(split))} {split}" for split in ("train", "val", "test"))
        out.print(f"{len(found)} clips, {seconds / 60:.1f} minutes ({splits}) -> {self.out}", markup=False)
        return 0
