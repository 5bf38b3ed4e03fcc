"""The page of the study of motion: intervals over seeds, cells beside each other, pairs of the same seed."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import t

from robomem.evaluate.motion import Group, MotionEvaluation
from robomem.evaluate.statistics import Interval, over_repetitions

sys.path.append(str(Path(__file__).parents[3] / "scripts" / "results"))

from motion_grid import NAMES, SEEDS, grid
from motion_page import Found, over_seeds, page


def test_intervals_over_seeds_are_students_and_over_repetitions_the_fields() -> None:
    values = np.random.default_rng(0).normal(size=3)
    mean, half = over_seeds(values.tolist())
    low, high = t.interval(0.95, 2, loc=values.mean(), scale=values.std(ddof=1) / np.sqrt(3))
    assert (mean - half, mean + half) == pytest.approx((low, high))
    many = np.random.default_rng(1).normal(size=20)
    found = over_repetitions(many)
    assert found.high - found.low == pytest.approx(2 * 1.96 * many.std(ddof=1) / np.sqrt(20))
    assert over_repetitions([0.25]) == Interval(0.25, 0.25, 0.25)


def _found(name: str, seed: int, precision: float) -> Found:
    kinds = {
        kind: Interval(value, value, value) for kind, value in (("made", precision), ("real", 0.9), ("shuffled", 0.1))
    }
    group = Group(8, 8, {"R-precision 3": kinds, "FID": kinds}, {"made": {"left": {"left": 3, "right": 1}}})
    settings = {"repetitions": 2, "clips": 8}
    return Found(name, seed, 10, 60.0, "abcdef012", MotionEvaluation(name, settings, {"actions": group}).to_json())


def test_the_page_pairs_seeds_and_sums_directions() -> None:
    cells = [("density", 0, 0.5), ("density", 1, 0.7), ("random", 0, 0.4), ("random", 1, 0.5), ("stride", 0, 0.3)]
    shown = page([_found(*cell) for cell in cells], "humanoid", 4000, 32)
    half = t.ppf(0.975, 1) * np.std([0.1, 0.2], ddof=1) / np.sqrt(2)
    assert f"| density minus random | 2 | – | 0.150 ± {half:.3f} |" in shown
    assert "| density minus stride | 1 | – | 0.200 |" in shown
    assert "minus velocity" not in shown
    assert "| left | 75.0 | 25.0 | 8 |" in shown
    assert "Nothing has been trained" in page([], "so101", 8, 2)


def test_every_cell_stands_on_its_seeds_tokeniser_and_differs_in_what_its_name_says(tmp_path: Path) -> None:
    cells = list(grid(tmp_path, tmp_path / "data", "debug"))
    assert len(cells) == len(NAMES) * len(SEEDS)
    assert len({cell.folder for cell in cells}) == len(cells)
    for cell in cells:
        config = cell.config
        assert config.earlier == str(tmp_path / f"tokeniser-s{cell.overrides['seed']}")
        assert config.seed == cell.overrides["seed"]
        assert NAMES[cell.overrides["name"]].items() <= config.model_kwargs.items()
    assert {cell.overrides["seed"] for cell in cells[:7]} == {0}
