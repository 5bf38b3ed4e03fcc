"""``robomem eval --suite`` and ``--compare``: agents that plan, in tasks told in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from robomem.cli.parse import OptionalName, OptionalPath

if TYPE_CHECKING:
    from robomem.evaluate.embodied import SuiteRun

__all__ = ["Compare", "EvalSuite", "agent_options"]

SuiteName = Annotated[str, tyro.conf.arg(metavar="NAME[:SUBSET]")]
AgentName = Annotated[str, tyro.conf.arg(metavar="NAME")]


@dataclass(frozen=True)
class EvalSuite:
    """Let an agent that plans play a suite: success and progress with 95 % intervals, and a report of every episode.

    A run that was stopped goes on where it was when the same command is given again.

    robomem eval --suite household:base --agent oracle · robomem eval --suite household --agent vlm --model NAME
    """

    suite: SuiteName
    """Of tasks, all or one subset; robomem list suites shows them."""
    agent: AgentName = "random"
    """Who plays; robomem list agents shows them."""
    model: OptionalName = None
    """The agent's language model: a name at --base-url, or hf:FOLDER."""
    base_url: OptionalName = None
    """An OpenAI-compatible endpoint; by default OPENAI_BASE_URL. The key is in OPENAI_API_KEY."""
    memory: OptionalName = None
    """The memory that the agent uses."""
    agent_kwargs: dict[str, Any] = field(default_factory=dict)
    """Options of the agent, e.g. timeout_s=60 requests_per_minute=30 prices=[2.5,10]."""
    observation: OptionalName = None
    """vision adds pictures to what the agent is told; by default the suite's own."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Other arguments of the suite's environment."""
    episodes: Annotated[int | None, tyro.conf.arg(metavar="INT")] = None
    """How many episodes (in the lifelong protocol: worlds) of each subset; by default all."""
    held_out: bool = False
    """Play the held-out tasks, on which nothing may be tuned."""
    seed: int = 0
    """From which the episodes' seeds are derived: the same seed means the same episodes for every agent."""
    jobs: int = 1
    """How many processes play; changes the speed, not the numbers."""
    ray: bool = False
    """Play on the cores or machines of a Ray cluster instead."""
    film: int = 4
    """Of how many episodes of each subset the report shows pictures."""
    out: OptionalPath = None
    """Folder of the run; by default runs/suites/…"""

    def run(self) -> int:
        """Play, print the scores and write the files."""
        from robomem.cli.console import log_to_terminal, out, progress
        from robomem.evaluate.embodied import evaluate_suite, write_results

        log_to_terminal()
        folder = self.out or self._default_folder()
        try:
            with progress(f"{self.agent} in {self.suite}") as report:
                run = evaluate_suite(
                    self.suite,
                    self.agent,
                    folder,
                    options=agent_options(self.model, self.base_url, self.memory, self.agent_kwargs),
                    env_kwargs={**({"observation": self.observation} if self.observation else {}), **self.env_kwargs},
                    held_out=self.held_out,
                    episodes=self.episodes,
                    seed=self.seed,
                    film=self.film,
                    jobs=self.jobs,
                    ray=self.ray,
                    progress=report,
                )
        except KeyboardInterrupt:
            raise KeyboardInterrupt(f"stopped; {folder} keeps what is finished, and the same command goes on") from None
        _tell(run)
        out.print(f"{len(run.records)} episodes -> {write_results(run, folder)}/report.html", markup=False)
        return 0

    def _default_folder(self) -> Path:
        words = [self.suite.replace(":", "-"), self.agent, self.model or "", self.memory or ""]
        words += [self.observation or "", "held-out" if self.held_out else ""]
        name = "-".join(word.replace("/", "_") for word in words if word)
        return Path("runs", "suites", name if self.seed == 0 else f"{name}-s{self.seed}")


@dataclass(frozen=True)
class Compare:
    """Compare two runs of a suite episode by episode: differences with 95 % intervals.

    robomem eval --compare runs/suites/household-rules runs/suites/household-random
    """

    compare: Annotated[tuple[Path, Path], tyro.conf.arg(metavar="RUN_A RUN_B")]
    """Their folders; differences are A - B."""
    out: OptionalPath = None
    """Folder for comparison.json and comparison.md."""

    def run(self) -> int:
        """Compare, print and write."""
        from robomem.cli.console import out
        from robomem.evaluate.embodied import compare, read_results
        from robomem.evaluate.embodied.tables import comparison_markdown
        from robomem.serialization import write_atomically, write_json

        ours, theirs = map(read_results, self.compare)
        found = compare(ours, theirs)
        out.print(comparison_markdown(found), markup=False)
        if self.out is not None:
            write_json(self.out / "comparison.json", found.to_json())
            write_atomically(self.out / "comparison.md", comparison_markdown(found).encode())
        return 0


def agent_options(model: str | None, base_url: str | None, memory: str | None, extra: Mapping[str, Any]) -> Any:
    """Return what an agent is told when it is made."""
    from robomem.embodied import AgentOptions

    return AgentOptions(model=model, base_url=base_url, memory=memory, extra=dict(extra))


def _tell(run: SuiteRun) -> None:
    from robomem.cli.console import out
    from robomem.evaluate.embodied import scores, visits
    from robomem.evaluate.embodied.summary import errors_of

    found = scores(run)
    width = max(map(len, found))
    for name, score in found.items():
        told = f"success {score.success.show('.3f')}, progress {score.progress.show('.3f')}"
        steps = f"{score.means['env_steps']:.1f} steps, {score.means['invalid_actions']:.1f} invalid"
        out.print(f"{name:{width}}  {told}, {steps}", markup=False)
    for name, visit in visits(run).items():
        told = f"first visits {visit.first.success.show('.3f')}, later {visit.later.success.show('.3f')}"
        out.print(f"{name:{width}}  {told}, difference {visit.difference.show('+.3f')}", markup=False)
    for error, count in list(errors_of(run.records).items())[:3]:
        out.print(f"{count} answers without a plan: {error[:150]}", markup=False)
