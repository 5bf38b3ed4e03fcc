"""An evaluation of motion as a page."""

from __future__ import annotations

import json
from collections.abc import Sequence

from robomem.evaluate.motion.evaluation import KINDS, Group, MotionEvaluation
from robomem.evaluate.motion.scores import DIRECTIONS, Confusion
from robomem.evaluate.motion.tracking import SUCCESS_M
from robomem.evaluate.statistics import Interval
from robomem.evaluate.tables import table

__all__ = [
    "LEGEND",
    "TRACKING_HEAD",
    "confusion_table",
    "group_rows",
    "in_unit",
    "markdown",
    "terminal_rows",
    "tracking_rows",
]

_MILLI = ("peak jerk", "area under jerk")
_HEAD = ["", "made", "real", "shuffled"]


def in_unit(name: str, value: Interval | None) -> str:
    """Return a score with its interval; jerk in mm / frame^3."""
    if value is None:
        return "–"
    scale = 1e3 if name in _MILLI else 1.0
    shown = Interval(scale * value.value, scale * value.low, scale * value.high)
    return f"{shown.value:.3f}" if shown.high - shown.low < 1e-9 else shown.show(".3f")


def group_rows(group: Group) -> list[list[str]]:
    """Return a row a score: what was made, the ceiling, the floor."""
    return [[_named(name), *(in_unit(name, kinds.get(kind)) for kind in KINDS)] for name, kinds in group.scores.items()]


def confusion_table(counts: Confusion) -> str:
    """Return wanted directions down, seen ones across, in per cent of the wanted."""
    seen = [name for name in (*DIRECTIONS, "none") if any(name in row for row in counts.values())]
    rows = []
    for want, row in counts.items():
        total = sum(row.values())
        rows.append([want, *(f"{100 * row.get(name, 0) / total:.1f}" for name in seen), total])
    return table(["wanted", *seen, "n"], rows)


def tracking_rows(evaluation: MotionEvaluation) -> list[list[str]]:
    """Return a row for the motions that were made and one for real ones."""
    return [
        [
            kind, one.robot, str(one.clips), one.success.show(), one.fell.show(), one.joint_error_rad.show(".3f"),
            Interval(*(1e3 * value for value in vars(one.point_error_m).values())).show(".0f"),
            f"{1e3 * one.worst_point_error_m:.0f}", one.limited.show(), str(one.refused),
            "–" if one.same_action is None else f"{one.same_action:.2f}",
        ]
        for kind, one in evaluation.tracked.items()
    ]  # fmt: skip


TRACKING_HEAD = (
    "", "robot", "clips", "performed", "fell", "joints, rad", "points, mm", "worst, mm", "limited", "refused",
    "same action",
)  # fmt: skip


def markdown(evaluation: MotionEvaluation) -> str:
    """Return the page."""
    parts = [f"# Motion: {evaluation.label}\n\n{LEGEND}"]
    for name, group in evaluation.groups.items():
        parts.append(f"\n## {name.capitalize()}: {group.clips} clips, {group.segments} actions\n\n")
        parts.append(table(_HEAD, group_rows(group)))
        for kind, counts in group.confusion.items():
            parts.append(f"\nDirections, {kind}, per cent:\n\n{confusion_table(counts)}")
    if evaluation.tracked:
        parts.append(f"\n## Performed in simulation\n\n{table(TRACKING_HEAD, tracking_rows(evaluation))}")
        parts.append(f"\nPerformed: no fall, points within {1e3 * SUCCESS_M:.0f} mm on average.\n")
    parts.append(f"\n## Settings\n\n`{json.dumps(evaluation.settings)}`, {evaluation.seconds:.0f} s\n")
    return "".join(parts)


LEGEND = """Mean over the repetitions with its 95 % interval (1.96 standard errors). *Real*: clips that were not learnt
from, for the same texts: the ceiling, which shows how well a measure works. *Shuffled*: the same clips for other texts:
the floor. Segments are measured one by one. R-precision: among 32, paraphrases are hits. Verb, side, direction, height,
speed, repetition: share of segments whose motion shows the wanted one; *by rule* is told by displacement alone, the
others by the nearest mean of real segments. *Coverage*: share of wanted actions (verb, side and direction) that some
stretch between two borders (slow, or near where the clip began) shows; *in order*: one after the other. Jerk in
mm / frame^3, at transitions.
"""


def _named(name: str) -> str:
    return f"{name}, mm/frame³" if name in _MILLI else name


def terminal_rows(evaluation: MotionEvaluation) -> Sequence[list[str]]:
    """Return all groups' rows, each score named with its group."""
    return [[f"{group}: {row[0]}", *row[1:]] for group, one in evaluation.groups.items() for row in group_rows(one)]
