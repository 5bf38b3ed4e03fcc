"""What a memory made of worlds, as numbers with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from robomem.evaluate.memory.contradictions import Endings
from robomem.evaluate.memory.play import Asked, Played
from robomem.evaluate.memory.questions import KINDS
from robomem.evaluate.statistics import Interval, bootstrap_mean, wilson

__all__ = ["Cost", "Rate", "Score", "score"]

DEPTHS = (5, 10, 40)


@dataclass(frozen=True)
class Rate:
    """A share of ``of`` cases, or a mean over them, with its 95 % interval; no value where there are no cases."""

    interval: Interval | None
    of: int

    def show(self) -> str:
        """Return e.g. ``0.93 [0.88, 0.96] (120)``."""
        return "n/a" if self.interval is None else f"{self.interval.show('.2f')} ({self.of})"

    def to_json(self) -> dict[str, Any] | None:
        """Return it as JSON, None where there are no cases."""
        return None if self.interval is None else {**asdict(self.interval), "n": self.of}


@dataclass(frozen=True)
class Cost:
    """What depends on the machine and, for the bytes of a B-tree, a little on chance.

    Attributes:
        write_s, read_s: 50 % and 95 % quantiles of seconds, of an observation and of a recall.
        bytes: kept at the end, mean over the worlds.
        bytes_per_step: for each observation.
    """

    write_s: tuple[float, float]
    read_s: tuple[float, float]
    bytes: float
    bytes_per_step: float


@dataclass(frozen=True)
class Score:
    """Numbers of one system.

    Attributes:
        kinds: share of right answers by kind of question.
        accuracy: of all questions.
        stale: share of answers that name what is not so any more, of the questions that have such an answer.
        recall: by k, share of the needed facts among the first k statements.
        abstained_rightly: share of the abstentions that were right (precision).
        abstained_where_due: share of the questions without an answer at which it abstained (recall).
        ended_rightly: share of the ended facts that were not so when they ended (precision of contradictions).
        ended_where_due: share of the contradicted claims that are held no more (recall of contradictions).
        same_precision, same_recall: of pairs of sightings taken for one thing, means over worlds.
        characters: handed to the reader, mean over questions.
        cost: of time and space.
    """

    kinds: dict[str, Rate]
    accuracy: Rate
    stale: Rate
    recall: dict[int, Rate]
    abstained_rightly: Rate
    abstained_where_due: Rate
    ended_rightly: Rate
    ended_where_due: Rate
    same_precision: Rate
    same_recall: Rate
    characters: Rate
    cost: Cost

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, without the cost: the same for equal seeds."""
        rates = {name: value for name, value in vars(self).items() if isinstance(value, Rate)}
        return {
            "kinds": {kind: rate.to_json() for kind, rate in self.kinds.items()},
            "recall": {str(k): rate.to_json() for k, rate in self.recall.items()},
            **{name: rate.to_json() for name, rate in rates.items()},
        }


def score(played: Sequence[Played]) -> Score:
    """Return the numbers of one system over its worlds."""
    asked = [one for world in played for one in world.asked]
    endings = reduce(add, (world.endings for world in played), Endings())
    abstained = [one for one in asked if one.answer.abstains]
    unknown = [one for one in asked if one.question.truth.abstains]
    return Score(
        {kind: _share([one.right for one in asked if one.question.kind == kind]) for kind in KINDS},
        _share([one.right for one in asked]),
        _share([one.stale for one in asked if one.question.stale]),
        {k: _share(_found(asked, k)) for k in DEPTHS},
        _share([one.question.truth.abstains for one in abstained]),
        _share([one.answer.abstains for one in unknown]),
        _rate(endings.rightly, endings.ended),
        _rate(endings.done, endings.due),
        _mean([world.pairs.precision for world in played]),
        _mean([world.pairs.recall for world in played]),
        _mean([float(one.characters) for one in asked]),
        Cost(
            _quantiles([second for world in played for second in world.write_s]),
            _quantiles([one.seconds for one in asked]),
            float(np.mean([world.bytes for world in played])),
            sum(world.bytes for world in played) / max(1, sum(world.steps for world in played)),
        ),
    )


def _found(asked: Sequence[Asked], k: int) -> list[bool]:
    return [rank is not None and rank < k for one in asked for rank in one.ranks]


def _share(verdicts: Sequence[bool]) -> Rate:
    return _rate(sum(verdicts), len(verdicts))


def _rate(successes: int, trials: int) -> Rate:
    return Rate(wilson(successes, trials) if trials else None, trials)


def _mean(values: Sequence[float | None]) -> Rate:
    known = [value for value in values if value is not None]
    return Rate(bootstrap_mean(known) if known else None, len(known))


def _quantiles(seconds: Sequence[float]) -> tuple[float, float]:
    middle, high = np.quantile(np.asarray(seconds), [0.5, 0.95]) if seconds else (0.0, 0.0)
    return float(middle), float(high)
