"""The numbers of a run: of each subset, of all together, and of first and later visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from robomem.evaluate.embodied.record import EpisodeRecord
from robomem.evaluate.embodied.run import SuiteRun
from robomem.evaluate.statistics import Interval, bootstrap_mean, newcombe, wilson

__all__ = ["Score", "Visits", "errors_of", "score", "scores", "visits"]

_MEANS = (
    "planner_steps",
    "env_steps",
    "invalid_actions",
    "invalid_ratio",
    "output_errors",
    "empty_plans",
    "replans",
    "tokens_in",
    "tokens_out",
)


@dataclass(frozen=True)
class Score:
    """What some episodes came to.

    Attributes:
        episodes: how many.
        success: share of them, with its Wilson interval.
        progress: mean share of the goals that held at the end, with its bootstrap interval.
        means: by name, the mean over episodes of what an episode counts.
        cost: of all of them in US dollars, where prices are known.
        latency_s: mean time of a call of the planner.
    """

    episodes: int
    success: Interval
    progress: Interval
    means: dict[str, float]
    cost: float | None
    latency_s: float

    def to_json(self) -> dict[str, Any]:
        """Return the score as JSON, without what depends on the clock."""
        return {name: value for name, value in asdict(self).items() if name != "latency_s"}


@dataclass(frozen=True)
class Visits:
    """The lifelong protocol: what the first visit to each world came to, and the later ones.

    Attributes:
        first: of day 0.
        later: of the days after it.
        difference: later minus first in success. Episodes count as independent of each other.
    """

    first: Score
    later: Score
    difference: Interval

    def to_json(self) -> dict[str, Any]:
        """Return the scores as JSON."""
        parts = {"first": self.first.to_json(), "later": self.later.to_json()}
        return {**parts, "difference": asdict(self.difference)}


def score(records: Sequence[EpisodeRecord]) -> Score:
    """Return what the episodes came to; there must be one at least."""
    numbers = [record.numbers() for record in records]
    calls = [call for record in records for call in record.calls]
    costs = [row["cost"] for row in numbers if row["cost"] is not None]
    return Score(
        episodes=len(records),
        success=wilson(sum(record.success for record in records), len(records)),
        progress=bootstrap_mean([record.progress for record in records]),
        means={name: float(np.mean([row[name] for row in numbers])) for name in _MEANS},
        cost=sum(costs) if costs else None,
        latency_s=float(np.mean([call.latency_s for call in calls])) if calls else 0.0,
    )


def scores(run: SuiteRun) -> dict[str, Score]:
    """Return the score of each subset and, where there are several, of ``all`` episodes together."""
    found = {subset: score(records) for subset, records in _by_subset(run).items()}
    return found if len(found) == 1 else {**found, "all": score(run.records)}


def visits(run: SuiteRun) -> dict[str, Visits]:
    """Return first and later visits of each subset that has both."""
    found = {}
    for subset, records in _by_subset(run).items():
        first, later = [one for one in records if not one.day], [one for one in records if one.day]
        if first and later:
            ours, theirs = score(later), score(first)
            found[subset] = Visits(theirs, ours, newcombe(ours.success, theirs.success))
    return found


def errors_of(records: Sequence[EpisodeRecord]) -> dict[str, int]:
    """Return why answers held no plan, and how often, most often first."""
    counts: dict[str, int] = {}
    for record in records:
        for call in record.calls:
            if call.error:
                counts[call.error] = counts.get(call.error, 0) + 1
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def _by_subset(run: SuiteRun) -> dict[str, list[EpisodeRecord]]:
    found: dict[str, list[EpisodeRecord]] = {}
    for record in run.records:
        found.setdefault(record.subset, []).append(record)
    return found
