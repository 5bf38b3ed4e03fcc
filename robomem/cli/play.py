"""``robomem play``: watch an agent; with ``--suite`` solve a task yourself; with ``--motion`` film a robot."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from robomem.cli.parse import OptionalName, OptionalPath, run_one_of
from robomem.cli.play_motion import PlayMotion
from robomem.cli.play_suite import PlaySuite
from robomem.errors import ConfigError

if TYPE_CHECKING:
    from robomem.cli.agents import Agent
    from robomem.rollout import EpisodeRow
    from robomem.rollout.watched import Watched

__all__ = ["Play", "main"]


@dataclass(frozen=True)
class Play:
    """Watch an agent play, in a window or, with --out or without a display, in an mp4.

    robomem play recall-reach-hcam · robomem play shell-game --policy expert · robomem play runs/demo/hcam
    """

    what: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[ENV|POLICY]")] = ""
    """An environment (recall-reach); or a run, a policy's folder or a pretrained policy, in its environment."""
    policy: OptionalName = None
    """Who plays: random, zero, expert, a folder, or lerobot:FOLDER; random where nothing says otherwise."""
    env: OptionalName = None
    """Another environment for the policy of a folder."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of the environment, e.g. delay=20 robot=so101; added to those of training."""
    episodes: int = 4
    """How many episodes."""
    seed: int = 0
    """From which the episodes' seeds are derived; the same episodes as robomem eval with this seed."""
    task: str = ""
    """What the policy is told to do, in words; by default the task of the data that it learnt from."""
    stochastic: bool = False
    """Sample actions instead of taking the most likely one."""
    fps: float | None = None
    """Frames per second of the film; by default what shows the episodes at their own speed."""
    out: OptionalPath = None
    """The mp4 to write instead of opening a window."""
    strip: OptionalPath = None
    """Also draw here, as PNG, what the memory of memory-vla held and looked at in the first episode."""

    def run(self) -> int:
        """Play, show and tell."""
        from robomem.cli.agents import find_agent
        from robomem.cli.console import out
        from robomem.evaluate.evaluation import episode_seeds
        from robomem.policy import is_foreign, pretrained
        from robomem.rollout import film, play
        from robomem.serialization import write_atomically

        folder = bool(self.what) and (Path(self.what).exists() or self.what in pretrained or is_foreign(self.what))
        if folder and self.policy:
            raise ConfigError(f"{self.what} is a policy already; leave --policy {self.policy} out, or give --env.")
        if not folder and self.what and self.env:
            raise ConfigError(f"Two environments, {self.what} and {self.env}: which one?")
        agent = find_agent(self.what if folder else self.policy or "random", self.task)
        env, env_kwargs = agent.environment(self.env if folder else self.what or self.env, self.env_kwargs)
        seeds = episode_seeds(self.seed, self.episodes)
        watched = _watched(agent) if self.strip else None
        out.print(f"{agent.label} in {env} {_show(env_kwargs)}", markup=False)
        if self.out is None and _has_window(env):
            rows = play(
                watched or agent.actor,
                env,
                seeds,
                num_envs=1,
                env_kwargs={**env_kwargs, "render_mode": "human"},
                deterministic=not self.stochastic,
            )
        else:
            path = self.out or Path("runs", "play", f"{Path(agent.label).name}-{env.rpartition('/')[2]}.mp4")
            rows = film(
                watched or agent.actor,
                env,
                seeds,
                path,
                env_kwargs=env_kwargs,
                deterministic=not self.stochastic,
                fps=self.fps,
                caption=lambda episode, frame: f"{agent.label}  episode {episode + 1}  step {frame}",
            )
            out.print(f"film: {path}", markup=False)
        if watched and self.strip:
            title = f"{env.rpartition('/')[2]}, seed {rows[0].seed}: {_tell(rows[0])}"
            write_atomically(self.strip, watched.picture(title))
            out.print(f"what it remembered: {self.strip}", markup=False)
        for number, row in enumerate(rows, 1):
            out.print(f"episode {number}, seed {row.seed}: {_tell(row)}", markup=False)
        return 0


def _watched(agent: Agent) -> Watched:
    from robomem.rollout.watched import Watched  # with torch, which whoever only plays need not have

    return Watched(agent.actor, agent.label)


def _tell(row: EpisodeRow) -> str:
    verdict = {True: "success", False: "failure", None: "ended"}[row.success]
    cause = "the physics diverged" if row.diverged else ("the task ended" if row.terminated else "time ran out")
    return f"{verdict} after {row.length} steps ({cause}), return {row.return_:.2f}"


def _show(env_kwargs: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in env_kwargs.items())


def _has_window(env_id: str) -> bool:
    """Return whether this machine has a display and the environment can draw on it."""
    import gymnasium as gym

    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        return False
    env = gym.make(env_id)
    env.close()
    return "human" in env.metadata.get("render_modes", [])


def main(argv: Sequence[str]) -> int:
    """Run ``robomem play`` with the words after the verb."""
    return run_one_of({"": Play, "--suite": PlaySuite, "--motion": PlayMotion}, "play", argv)
