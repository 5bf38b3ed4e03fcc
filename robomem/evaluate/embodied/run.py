"""A run: an agent plays a suite, and goes on where an earlier process was killed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from robomem.embodied import AgentOptions, EmbodiedTask, Suite, agents, suites
from robomem.errors import ConfigError, UnknownNameError
from robomem.evaluate.embodied.journal import Journal
from robomem.evaluate.embodied.player import Cast, play_units
from robomem.evaluate.embodied.record import EpisodeRecord
from robomem.evaluate.embodied.units import cut
from robomem.evaluate.evaluation import versions
from robomem.serialization import claimed

__all__ = ["SuiteRun", "choose", "evaluate_suite"]


@dataclass(frozen=True)
class SuiteRun:
    """What a run found, with the settings that give it again.

    Attributes:
        settings: suite, subset, agent and the rest.
        records: one an episode, in the order of the tasks.
    """

    settings: Mapping[str, Any]
    records: tuple[EpisodeRecord, ...]

    @property
    def title(self) -> str:
        """Whose run it is, in a few words."""
        model = f" ({self.settings['model']})" if self.settings.get("model") else ""
        subset = f":{self.settings['subset']}" if self.settings.get("subset") else ""
        return f"{self.settings['agent']}{model} in {self.settings['suite']}{subset}"


def choose(name: str) -> tuple[Suite, str | None]:
    """Return the suite and the subset that ``NAME[:SUBSET]`` means.

    Raises:
        UnknownNameError: there is none of that name.
    """
    suite_name, colon, subset = name.partition(":")
    suite = suites[suite_name]
    if colon and subset not in suite.subsets():
        raise UnknownNameError(f"subset of {suite_name}", subset, suite.subsets())
    return suite, subset or None


def evaluate_suite(
    name: str,
    agent: str,
    folder: Path | str,
    *,
    options: AgentOptions = AgentOptions(),  # noqa: B008 - frozen
    env_kwargs: Mapping[str, Any] | None = None,
    held_out: bool = False,
    episodes: int | None = None,
    seed: int = 0,
    film: int = 4,
    jobs: int = 1,
    ray: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SuiteRun:
    """Let an agent play a suite.

    Every finished unit of work (an episode; in the lifelong protocol the days of a world) is kept in ``folder`` at
    once, and a call with the same settings goes on from there. For an agent whose answers are a function of its
    options and what it is told, the records are the same for any number of jobs, but for their latencies.

    Args:
        name: of the suite, or ``SUITE:SUBSET``.
        agent: name of the agent.
        folder: of the run.
        options: of the agent.
        env_kwargs: arguments of the environment, e.g. ``observation="vision"``.
        held_out: play the held-out tasks, on which nothing may be tuned.
        episodes: how many episodes (lifelong: worlds) of each subset; all if None.
        seed: from which the episodes' seeds are derived.
        film: of how many of these in each subset pictures are kept.
        jobs: how many processes play.
        ray: play on a Ray cluster instead.
        progress: called with (episodes done, episodes in all).

    Raises:
        UnknownNameError: no such suite, subset or agent.
        ConfigError: there is nothing to play, or the folder holds another run.
        EnvironmentFault: an environment failed; finished units are kept.
    """
    if jobs < 1 or (episodes is not None and episodes < 1) or film < 0:
        raise ConfigError(f"jobs {jobs}, episodes {episodes} and film {film}: at least one of each, film at least 0.")
    suite, subset = choose(name)
    tasks = suite.tasks(subset, held_out=held_out)
    if not tasks:
        raise ConfigError(f"{name} has no tasks.")
    cast = Cast(suite, agents[agent], options, dict(env_kwargs or {}))
    settings = {
        "suite": suite.name,
        "subset": subset,
        "held_out": held_out,
        "agent": agent,
        "model": options.model,
        "base_url": options.base_url,
        "memory": options.memory,
        "agent_kwargs": dict(options.extra),
        "env_kwargs": dict(cast.env_kwargs),
        "episodes": episodes,
        "seed": seed,
        "film": film,
        "tasks": _digest(tasks),
        "versions": versions(),
    }
    units = cut(tasks, seed=seed, episodes=episodes, film=film)
    with claimed(Path(folder)):
        journal = Journal(Path(folder), settings)
        done = {index: records for index, unit in enumerate(units) if (records := journal.read(unit)) is not None}
        total = sum(len(unit.tasks) for unit in units)
        report = progress or (lambda done, total: None)
        report(sum(map(len, done.values())), total)
        left = [index for index in range(len(units)) if index not in done]
        for number, records in play_units(cast, [units[index] for index in left], jobs=jobs, ray=ray):
            journal.write(units[left[number]], records)
            done[left[number]] = records
            report(sum(map(len, done.values())), total)
    return SuiteRun(settings, tuple(record for index in range(len(units)) for record in done[index]))


def _digest(tasks: Sequence[EmbodiedTask]) -> str:
    return hashlib.sha256(json.dumps([asdict(task) for task in tasks], sort_keys=True).encode()).hexdigest()[:16]
