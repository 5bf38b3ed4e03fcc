"""Two runs over the same episodes, compared episode by episode."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from robomem.errors import ConfigError
from robomem.evaluate.embodied.record import EpisodeRecord
from robomem.evaluate.embodied.run import SuiteRun
from robomem.evaluate.statistics import Interval, bootstrap_difference, paired_rates

__all__ = ["Comparison", "Difference", "compare"]

Pair = tuple[EpisodeRecord, EpisodeRecord]


@dataclass(frozen=True)
class Difference:
    """How two runs differ over some episodes.

    Attributes:
        episodes: that both played.
        ours, theirs: success rates over these.
        success: their difference.
        progress: the difference of the mean progress.
        only_ours, only_theirs: episodes in which one succeeded and the other did not.
    """

    episodes: int
    ours: float
    theirs: float
    success: Interval
    progress: Interval
    only_ours: int
    only_theirs: int


@dataclass(frozen=True)
class Comparison:
    """Two runs and their differences, by subset and over ``all``."""

    ours: str
    theirs: str
    parts: dict[str, Difference]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON."""
        return asdict(self)


def compare(ours: SuiteRun, theirs: SuiteRun) -> Comparison:
    """Return the paired differences ``ours - theirs``.

    Raises:
        ConfigError: the runs share no episode, or are of other suites or tasks.
    """
    for name in ("suite", "held_out"):
        if ours.settings[name] != theirs.settings[name]:
            raise ConfigError(
                f"{ours.title} and {theirs.title} cannot be compared: {name} is {ours.settings[name]!r} and "
                f"{theirs.settings[name]!r}."
            )
    known = {(record.task, record.seed): record for record in theirs.records}
    pairs = [(record, known[key]) for record in ours.records if (key := (record.task, record.seed)) in known]
    if not pairs:
        raise ConfigError(f"{ours.title} and {theirs.title} share no episode; play the same subsets with one --seed.")
    changed = [record.task for record, other in pairs if record.instruction != other.instruction]
    if changed:
        raise ConfigError(f"The tasks changed between the runs, {changed[0]} for one; play both on the same tasks.")
    subsets = list(dict.fromkeys(record.subset for record, _ in pairs))
    parts = {subset: _difference([pair for pair in pairs if pair[0].subset == subset]) for subset in subsets}
    if len(subsets) > 1:
        parts["all"] = _difference(pairs)
    return Comparison(ours.title, theirs.title, parts)


def _difference(pairs: Sequence[Pair]) -> Difference:
    ours, theirs = [a.success for a, _ in pairs], [b.success for _, b in pairs]
    return Difference(
        episodes=len(pairs),
        ours=sum(ours) / len(pairs),
        theirs=sum(theirs) / len(pairs),
        success=paired_rates(ours, theirs),
        progress=bootstrap_difference([a.progress for a, _ in pairs], [b.progress for _, b in pairs]),
        only_ours=sum(a and not b for a, b in zip(ours, theirs)),
        only_theirs=sum(b and not a for a, b in zip(ours, theirs)),
    )
