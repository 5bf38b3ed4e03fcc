"""The page of the study of motion: cells against each other, the masks pair by pair, directions, falls."""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from motion_grid import NAMES
from scipy.stats import t as student

from robomem.evaluate.motion import MotionEvaluation
from robomem.evaluate.motion.scores import Confusion
from robomem.evaluate.motion.tables import LEGEND, TRACKING_HEAD, confusion_table, tracking_rows
from robomem.evaluate.tables import table

__all__ = ["Found", "over_seeds", "page"]

COLUMNS = {
    "actions": (
        "R-precision 1", "R-precision 3", "FID", "MM-distance", "diversity", "multimodality", "side by rule",
        "direction by rule", "left and right of direction confused", "verb", "height", "speed", "repetition",
    ),
    "compositions": (
        "R-precision 3", "FID", "MM-distance", "diversity", "side by rule", "direction by rule",
        "left and right of direction confused", "action", "coverage", "coverage in order", "peak jerk",
        "area under jerk",
    ),
    "long": (
        "R-precision 3", "FID", "side by rule", "direction by rule", "left and right of direction confused", "action",
        "coverage", "coverage in order", "peak jerk", "area under jerk",
    ),
}  # fmt: skip
CENTRAL = ("R-precision 1", "R-precision 3", "FID", "MM-distance", "direction by rule", "verb")
PAIRS = (("density", "random"), ("density", "stride"), ("density", "velocity"), ("density", "density-no-align"))
_MILLI = ("peak jerk", "area under jerk")


@dataclass(frozen=True)
class Found:
    """What a finished run came to, as it stands in the JSON twin.

    Attributes:
        name, seed: of the run.
        steps: updates of the weights, the shared tokeniser's apart.
        seconds: wall-clock of the training.
        commit: of the code that trained it.
        evaluation: `MotionEvaluation.to_json`.
    """

    name: str
    seed: int
    steps: int
    seconds: float
    commit: str
    evaluation: dict[str, Any]

    @property
    def measured(self) -> MotionEvaluation:
        """The evaluation itself."""
        return MotionEvaluation.from_json(self.evaluation)


def over_seeds(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and half of its 95 % interval by Student's t over seeds; NaN for one seed."""
    count = len(values)
    if count < 2:
        return float(np.mean(values)), math.nan
    return float(np.mean(values)), float(student.ppf(0.975, count - 1) * np.std(values, ddof=1) / math.sqrt(count))


def shown(name: str, values: Sequence[float], half: float = math.nan) -> str:
    """Return a mean over seeds with its interval; of one seed with that of the repetitions, in brackets."""
    scale = 1e3 if name in _MILLI else 1.0
    mean, spread = over_seeds(values)
    if len(values) < 2:
        return f"{scale * mean:.3f}" if math.isnan(half) else f"{scale * mean:.3f} (± {scale * half:.3f})"
    return f"{scale * mean:.3f} ± {scale * spread:.3f}"


def page(results: Sequence[Found], robot: str, clips: int, long: int) -> str:
    """Return the page of a robot's results, learnt from so many clips, and tested on so many long ones too."""
    of = "" if robot == "humanoid" else f" of the {robot}"
    parts = [HEAD.format(of=of, clips=f"{clips:,}", long=long, robot=robot), LEGEND, ONCE]
    if not results:
        return "".join([*parts, "\nNothing has been trained yet.\n"])
    measured = {(one.name, one.seed): one.measured for one in results}
    for group, columns in COLUMNS.items():
        parts.append(f"\n## {group.capitalize()}\n\n{_group(measured, group, columns)}")
    parts.append(f"\n## Pair by pair\n\n{PAIRED}\n\n{_pairs(measured)}")
    parts.append("\n## Directions\n\nWanted and seen in per cent, by rule; actions, all seeds together.\n")
    for name in NAMES:
        some = [one.groups["actions"].confusion for (cell, _), one in measured.items() if cell == name]
        if counts := _summed([one["made"] for one in some if "made" in one]):
            parts.append(f"\n{name}:\n\n{confusion_table(counts)}")
    parts.append(f"\n## Performed in simulation\n\n{_tracking(measured)}")
    parts.append(_footer(results, robot))
    return "".join(parts)


def _group(measured: dict[tuple[str, int], MotionEvaluation], group: str, columns: Sequence[str]) -> str:
    rows = []
    present = [name for name in columns if any(name in one.groups[group].scores for one in _having(measured, group))]
    for name in NAMES:
        some = [one for (cell, _), one in measured.items() if cell == name and group in one.groups]
        if some:
            rows.append([name, str(len(some)), *(_cell(some, group, column, "made") for column in present)])
    for kind in ("real", "shuffled"):
        some = _having(measured, group)
        rows.append([f"*{kind}*", "", *(_cell(some[:1], group, column, kind) for column in present)])
    return table(["", "seeds", *(f"{one}, mm" if one in _MILLI else one for one in present)], rows)


def _having(measured: dict[tuple[str, int], MotionEvaluation], group: str) -> list[MotionEvaluation]:
    return [one for one in measured.values() if group in one.groups]


def _cell(some: Sequence[MotionEvaluation], group: str, column: str, kind: str) -> str:
    found = [one.groups[group].scores[column][kind] for one in some if kind in one.groups[group].scores.get(column, {})]
    if not found:
        return "–"
    return shown(column, [one.value for one in found], (found[0].high - found[0].low) / 2)


def _pairs(measured: dict[tuple[str, int], MotionEvaluation]) -> str:
    rows, clear, several = [], [], False
    for ours, theirs in PAIRS:
        seeds = [seed for (name, seed) in measured if name == ours and (theirs, seed) in measured]
        if not seeds:
            continue
        row = [f"{ours} minus {theirs}", str(len(seeds))]
        for column in CENTRAL:
            one, other = ([measured[name, seed].groups["actions"].scores for seed in seeds] for name in (ours, theirs))
            gaps = [a[column]["made"].value - b[column]["made"].value for a, b in zip(one, other) if column in a]
            row.append(shown(column, gaps) if gaps else "–")
            mean, half = over_seeds(gaps) if gaps else (0.0, math.nan)
            several |= not math.isnan(half)
            if abs(mean) > half:  # never of one seed, whose half is NaN
                clear.append(f"{column}, {row[0]}: {row[-1]}")
        rows.append(row)
    if not rows:
        return "No pair has been trained yet.\n"
    count = len(rows) * len(CENTRAL)
    told = (
        f"Without zero, of {count} of which chance alone would leave out one in twenty: {'; '.join(clear) or 'none'}."
    )
    return table(["", "seeds", *CENTRAL], rows) + (f"\n{told}\n" if several else "")


def _tracking(measured: dict[tuple[str, int], MotionEvaluation]) -> str:
    rows = []
    for name in NAMES:
        for (cell, seed), one in measured.items():
            if cell == name:
                rows += [[f"{name}, seed {seed}", *row[1:]] for row in tracking_rows(one) if row[0] == "made"]
    first = next(iter(measured.values()))
    rows += [["*real*", *row[1:]] for row in tracking_rows(first) if row[0] == "real"]
    return table(TRACKING_HEAD, rows) if rows else "Nothing was tracked.\n"


def _summed(counts: Sequence[Confusion]) -> Confusion:
    total: Confusion = {}
    for one in counts:
        for want, row in one.items():
            for seen, number in row.items():
                cell = total.setdefault(want, {})
                cell[seen] = cell.get(seen, 0) + number
    return total


def _footer(results: Sequence[Found], robot: str) -> str:
    cells = " ".join(dict.fromkeys(one.name for one in results))
    seeds = " ".join(dict.fromkeys(str(one.seed) for one in results))
    other = f"--robot {robot} --root runs/motion-{robot} --names {cells} --seeds {seeds}"
    told = "--jobs 2" if robot == "humanoid" else other
    minutes = np.mean([one.seconds for one in results]) / 60
    commits = ", ".join(sorted({one.commit[:7] for one in results}))
    settings = results[0].evaluation["settings"]
    told_long = f", {settings['long_clips']} of the long ones" if "long_clips" in settings else ""
    return (
        "\n## How it was made\n\n"
        f"`.venv/bin/python scripts/results/motion.py {told}` (resumable; what the JSON twin has is not made again). "
        f"{results[0].steps:,} updates a run, {minutes:.1f} minutes on average, on a machine shared with others. "
        f"{settings['repetitions']} repetitions over at most {settings['clips']} texts of each group"
        f"{told_long}. "
        f"{platform.machine()}, Python {platform.python_version()}, commits {commits}.\n"
    )


HEAD = """# Motion{of}: which tokens to mask, whether to align, what to mix with

{clips} clips of 1 to 5 actions that the {robot} performed in MuJoCo, told in words (`robomem collect motion`), and
{long} compositions of 6 to 20 actions for testing alone. No combination of labels that is tested was trained on. One
tokeniser and one evaluator a seed, shared by all cells; equal data, updates and, within 5 %, parameters. *density*
masks the key frames (KMM), *random*, *stride* and *velocity* others; all learn the contrast between text and motion but
*density-no-align*; *transformer* and *gru* are density with another mixer. Toy scale: no claim about HumanML3D or
BABEL.

"""
ONCE = """
Of several seeds: mean ± half of the 95 % interval by Student's t over seeds, which with three of them is wide. Of one
seed: ± that of the repetitions in brackets, which does not know what another seed would give. *Real* and *shuffled* are
those of the first run. The labels of real clips were kept only where side and direction are seen by the same rule, so
that the ceiling of *by rule* is near one by construction; it is no evidence for the rule.
"""
PAIRED = "Differences of the same seed, with the 95 % interval by Student's t: zero inside it is no difference shown."
