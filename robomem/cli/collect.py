"""``robomem collect``: demonstrations, or a robot's own motion in words, as a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import tyro

from robomem.cli.collect_motion import CollectMotion
from robomem.cli.parse import OptionalPath, each_value, run_one_of
from robomem.errors import ConfigError

__all__ = ["Collect", "main"]


@dataclass(frozen=True)
class Collect:
    """Record a task's scripted expert, or another agent, as a data set to imitate (LeRobotDataset v3).

    robomem collect recall-reach --episodes 100 --task "touch the pad that lit up" --out demos
    """

    env: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="ENV")]
    """The environment: a short name of ours or any Gymnasium id."""
    policy: str = "expert"
    """Who acts: expert, random, zero, or the folder of a policy."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of the environment, e.g. delay=20 observation=pixels+state."""
    vary: dict[str, Any] = field(default_factory=dict)
    """Arguments of the environment that differ from episode to episode, in turn, e.g. delay=10,15,20,25."""
    episodes: int = 50
    """How many to add to the data set."""
    seed: int = 0
    """From which the episodes' seeds are derived; --append goes on with the next ones."""
    task: str = ""
    """What is to be done, in words."""
    noise: float = 0.0
    """Disturb what is executed by this much (standard deviation), and record what the agent wanted."""
    student: str = ""
    """Who acts for stretches in its place: random, zero, or the folder of a policy that is being trained (DAgger). What
    --policy would have done is recorded; imitated is how it goes on from where the student left."""
    student_share: float = 0.3
    """Share of the steps in which the student acts."""
    student_steps: float = 8.0
    """Steps of a stretch, on average."""
    pictures: Literal["video", "image"] = "video"
    """How pictures are stored: video is small, image is a PNG a frame and loses nothing."""
    keep_failures: bool = False
    """Keep episodes that were not a success too."""
    append: bool = False
    """Go on with a data set that is there."""
    out: OptionalPath = None
    """Folder for the data set. Nothing that is there is overwritten."""

    def run(self) -> int:
        """Play and record."""
        from robomem.cli.agents import find_agent
        from robomem.cli.console import out, progress
        from robomem.rollout import EpisodeRow
        from robomem.rollout.collect import collect
        from robomem.rollout.student import Student

        if self.out is None:
            raise ConfigError("Where to? Give --out, a folder.")
        if not self.task.strip():
            raise ConfigError("What is to be done? Say it with --task, e.g. 'touch the pad that lit up'.")
        agent = find_agent(self.policy)
        env, env_kwargs = agent.environment(self.env, self.env_kwargs)
        vary, student = each_value(self.vary), None
        # What a policy was trained with may vary; what is asked for here and is to vary is refused.
        env_kwargs = {name: v for name, v in env_kwargs.items() if name not in vary or name in self.env_kwargs}
        if self.student:
            student = Student(find_agent(self.student).actor, self.student_share, self.student_steps)
        kept = 0
        with progress(f"collecting {self.env}") as advance:

            def told(row: EpisodeRow, keep: bool) -> None:
                nonlocal kept
                kept += keep
                advance(kept, self.episodes)

            played = collect(
                agent.actor,
                env,
                self.episodes,
                self.out,
                task=self.task.strip(),
                env_kwargs=env_kwargs,
                vary=vary,
                seed=self.seed,
                noise=self.noise,
                student=student,
                pictures=self.pictures,
                keep_failures=self.keep_failures,
                append=self.append,
                told=told,
            )
        out.print(f"{kept} of {played} episodes of {agent.label} in {env} -> {self.out}", markup=False)
        return 0


def main(argv: Sequence[str]) -> int:
    """Run ``robomem collect`` with the words after the verb."""
    return run_one_of({"": Collect, "motion": CollectMotion}, "collect", argv)
