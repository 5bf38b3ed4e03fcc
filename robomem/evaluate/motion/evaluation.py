"""A model of motion measured on the texts of a data set's split "test", beside real clips and shuffled ones.

Every number stands between two others: what real clips of the same texts come to (the ceiling, which shows how well the
measure itself works) and what real clips of other texts come to (the floor, which guessing would reach).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from robomem.evaluate.motion.asking import Generates, ask, grouped
from robomem.evaluate.motion.looking import Eyes, Seen
from robomem.evaluate.motion.scores import Confusion, Wanted, confusion
from robomem.evaluate.motion.tracking import Tracked, tracked
from robomem.evaluate.statistics import Interval, over_repetitions
from robomem.motion import Clip
from robomem.motion.metrics.distribution import multimodality
from robomem.motion.metrics.door import Embedding
from robomem.motion.metrics.meaning import pieces
from robomem.motion.motion_set import MotionSet
from robomem.motion.robots import RobotMotion
from robomem.seeding import derive_seed, generator
from robomem.types import FloatArray

__all__ = ["Group", "MotionEvaluation", "evaluate"]

KINDS = ("made", "real", "shuffled")
_SEARCHED = 5
"""Repetitions in which actions are looked for between any borders, which costs more than all the rest."""


@dataclass(frozen=True)
class Group:
    """What the clips of one group came to.

    Attributes:
        clips: how many texts.
        segments: actions in them.
        scores: name -> "made", "real" or "shuffled" -> mean over the repetitions with its 95 % interval.
        confusion: "made" or "real" -> wanted direction -> seen direction -> how often, over all repetitions.
    """

    clips: int
    segments: int
    scores: dict[str, dict[str, Interval]]
    confusion: dict[str, Confusion]


@dataclass(frozen=True)
class MotionEvaluation:
    """All that was measured.

    Attributes:
        label: what was measured.
        settings: how: data, repetitions, seed.
        groups: actions, compositions, long ones; those of which the data set has clips.
        tracked: how a robot performed clips, "made" and "real"; empty where none did.
        seconds: that it took.
    """

    label: str
    settings: dict[str, Any]
    groups: dict[str, Group]
    tracked: dict[str, Tracked] = field(default_factory=dict)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> MotionEvaluation:
        """Return the evaluation that `to_json` told."""
        groups = {
            name: Group(
                **{
                    **group,
                    "scores": {
                        score: {kind: Interval(**interval) for kind, interval in kinds.items()}
                        for score, kinds in group["scores"].items()
                    },
                }
            )
            for name, group in value["groups"].items()
        }
        robots = {kind: Tracked.from_json(one) for kind, one in value["tracked"].items()}
        return cls(**{**value, "groups": groups, "tracked": robots})


def evaluate(
    model: Generates,
    motion_sets: Sequence[MotionSet],
    embedding: Embedding,
    *,
    repetitions: int = 20,
    clips: int = 256,
    long_clips: int | None = None,
    seed: int = 0,
    label: str = "",
    robot: RobotMotion | None = None,
    track: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> MotionEvaluation:
    """Measure a model.

    Args:
        model: that makes motions.
        motion_sets: of one body. The first one's split "train" gives the yardsticks, the split "test" of all the texts.
        embedding: learnt from real clips.
        repetitions: how often each text is made, with other seeds.
        clips: at most so many texts of each group.
        long_clips: at most so many of the group "long"; ``clips`` if None.
        seed: of all chance; the same seed means the same texts.
        label: what is measured.
        robot: that performs motions.
        track: how many of them.
        progress: called with repetitions done and in all.

    Raises:
        DataError: no clips in the split "test", or the model makes others than it was asked for.
    """
    begin = time.perf_counter()
    eyes = Eyes.of(motion_sets[0], embedding)
    chosen = grouped(motion_sets, clips, generator(seed, "texts"), long_clips)
    settings = {
        "data": [one.fingerprint() for one in motion_sets],
        "repetitions": repetitions,
        "clips": clips,
        "long_clips": clips if long_clips is None else long_clips,
        "seed": seed,
        "track": track,
    }
    groups, first = {}, dict[str, list[Clip]]()
    done, total = 0, repetitions * len(chosen)
    for name, real in chosen.items():
        reference = _reference(motion_sets, real, embedding, generator(seed, "reference", name))
        wanted = Wanted(real, [segment.text for clip in real for segment in clip.segments], eyes, reference)
        looked = {"real": eyes.look(real, search=name != "actions")}
        found = _Repeated(wanted)
        for number in range(repetitions):
            made = ask(model, real, derive_seed(seed, "motion", name, number))
            first.setdefault(name, made)
            looked["made"] = eyes.look(made, search=name != "actions" and number < _SEARCHED)
            found.add(looked, number)
            done += 1
            if progress:
                progress(done, total)
        groups[name] = found.group(len(real))
    performed = {}
    if robot is not None and track:
        name = next(iter(chosen))
        performed = {
            kind: tracked(robot, some[:track], eyes) for kind, some in (("made", first[name]), ("real", chosen[name]))
        }
    return MotionEvaluation(label, settings, groups, performed, time.perf_counter() - begin)


class _Repeated:
    """Scores over repetitions."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.values: dict[str, dict[str, list[float]]] = {}
        self.confusion: dict[str, Confusion] = {}
        self.points: list[FloatArray] = []

    def add(self, looked: Mapping[str, Seen], number: int) -> None:
        """Score what was made in one repetition, and what is real by the same dice."""
        shuffled = looked["real"].shuffled(generator(number, "shuffled"))
        searched = bool(looked["made"].found)
        for kind, seen in zip(KINDS, (looked["made"], looked["real"], shuffled)):
            seen = seen if searched else replace(seen, found=())
            for name, value in self.wanted.scores(seen, generator(number, "scores")).items():
                self.values.setdefault(name, {}).setdefault(kind, []).append(value)
        for kind in ("made", "real") if looked["made"].verdicts else ():
            if kind == "made" or kind not in self.confusion:
                _add(self.confusion.setdefault(kind, {}), confusion(self.wanted, looked[kind]))
        self.points.append(looked["made"].points)

    def group(self, clips: int) -> Group:
        """Return the means with their intervals."""
        scores = {
            name: {kind: over_repetitions(values) for kind, values in kinds.items()}
            for name, kinds in self.values.items()
        }
        if len(self.points) > 1:
            of_text = np.stack(self.points, axis=1)
            value = multimodality(of_text, generator(0, "multimodality"))
            scores["multimodality"] = {"made": Interval(value, value, value)}
        return Group(clips, len(self.wanted.labels), scores, self.confusion)


def _reference(
    motion_sets: Sequence[MotionSet], real: Sequence[Clip], embedding: Embedding, rng: np.random.Generator
) -> FloatArray:
    """Return where real segments lie that no model is asked for: as many of the split "train" as the group has.

    Against these the group's own real clips have a Fréchet distance too, that of one sample to another.
    """
    entries = motion_sets[0].of("train").entries
    count = sum(len(clip.segments) for clip in real)
    many = len(real[0].segments) > 1
    candidates = [entry.clip for entry in entries if (len(entry.clip.segments) > 1) == many] or [
        e.clip for e in entries
    ]
    found: list[Clip] = []
    for row in rng.permutation(len(candidates)):
        found += pieces(candidates[row]) or [candidates[row]]
        if len(found) >= count:
            break
    return embedding.embed_clips(found[:count])


def _add(total: Confusion, more: Confusion) -> None:
    for want, row in more.items():
        for seen, count in row.items():
            cell = total.setdefault(want, {})
            cell[seen] = cell.get(seen, 0) + count
