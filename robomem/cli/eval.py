"""``robomem eval``: measure a policy; with ``--suite`` an agent that plans, with ``--compare`` two runs of a suite.

``robomem eval memory`` measures lifelong memories, ``robomem eval motion`` models that move as words say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import tyro

from robomem.cli.eval_memory import EvalMemory
from robomem.cli.eval_motion import EvalMotion
from robomem.cli.eval_suite import Compare, EvalSuite
from robomem.cli.parse import OptionalName, OptionalPath, parse, run_one_of
from robomem.errors import ConfigError

__all__ = ["Eval", "main"]


@dataclass(frozen=True)
class Eval:
    """Measure a policy: success, return and length with 95 % intervals, a row for each episode, a film.

    robomem eval runs/demo/hcam --episodes 500 · robomem eval expert --env recall-reach

    Lifelong memories have a benchmark of their own, and models of motion: robomem eval memory --help · robomem eval
    motion --help
    """

    agent: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[AGENT]")] = ""
    """A training run, a saved policy, lerobot:FOLDER, or a sanity agent: random, zero, expert."""
    policy: OptionalName = None
    """The same, as an option."""
    env: OptionalName = None
    """Short name (recall-reach) or Gymnasium id; by default the one the policy was trained in."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of the environment, e.g. delay=20 robot=so101; added to those of training."""
    episodes: int = 200
    """How many episodes."""
    num_envs: int = 16
    """How many episodes run at once; changes the speed, not the numbers."""
    seed: int = 0
    """From which the episodes' seeds are derived: the same seed means the same episodes for every policy."""
    task: str = ""
    """What the policy is told to do, in words; by default the task of the data that it learnt from."""
    stochastic: bool = False
    """Sample actions instead of taking the most likely one."""
    ray: bool = False
    """Spread the episodes over the cores or machines of a Ray cluster."""
    film: int = 2
    """How many episodes to film into evaluation.mp4; 0 for none."""
    out: OptionalPath = None
    """Folder of evaluation.json, .md and .mp4; by default "evaluation" in the run, or runs/evaluations/…"""

    def run(self) -> int:
        """Evaluate, print the result and write the files."""
        from robomem.cli.agents import find_agent
        from robomem.cli.console import out, progress
        from robomem.evaluate import evaluate
        from robomem.evaluate.files import write, write_film

        if bool(self.agent) == bool(self.policy):
            raise ConfigError("Say which policy, once: robomem eval AGENT, a folder or one of random, zero, expert.")
        agent = find_agent(self.agent or str(self.policy), self.task)
        env, env_kwargs = agent.environment(self.env, self.env_kwargs)
        with progress(f"{agent.label} in {env}") as report:
            evaluation = evaluate(
                agent.actor,
                env,
                episodes=self.episodes,
                seed=self.seed,
                num_envs=self.num_envs,
                env_kwargs=env_kwargs,
                deterministic=not self.stochastic,
                label=agent.label,
                ray=self.ray,
                progress=report,
            )
        folder = write(evaluation, self.out or _default_folder(agent.folder, agent.label, env))
        if evaluation.success is not None:
            chance = "" if evaluation.chance is None else f", guessing {evaluation.chance:.3f}"
            out.print(f"success  {evaluation.success.show('.3f')}{chance}", markup=False)
        out.print(f"return   {evaluation.mean_return.show()}", markup=False)
        out.print(f"length   {evaluation.mean_length.show('.1f')} steps", markup=False)
        out.print(f"{len(evaluation.rows)} episodes of {env} in {evaluation.seconds:.1f} s -> {folder}", markup=False)
        if self.film:
            try:
                out.print(f"film     {write_film(evaluation, agent.actor, folder, episodes=self.film)}", markup=False)
            except ConfigError as error:
                out.print(f"no film  {error}", markup=False)
        return 0


def _default_folder(folder: Path | None, label: str, env: str) -> Path:
    if folder is not None:
        return folder / "evaluation"
    name = label.replace(":", "-").replace("/", "-")  # of another project's policy it is an address
    return Path("runs", "evaluations", f"{name}-{env.rpartition('/')[2]}")


def main(argv: Sequence[str]) -> int:
    """Run ``robomem eval`` with the words after the verb."""
    if argv and argv[0] == "memory":  # a run in a folder of that name is ./memory
        return parse(EvalMemory, "eval memory", argv[1:]).run()
    if argv and argv[0] == "motion":
        return parse(EvalMotion, "eval motion", argv[1:]).run()
    return run_one_of({"": Eval, "--suite": EvalSuite, "--compare": Compare}, "eval", argv)
