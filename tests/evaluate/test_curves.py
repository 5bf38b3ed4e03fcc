from __future__ import annotations

import json
from pathlib import Path

import pytest

from robomem.errors import CheckpointError, ConfigError
from robomem.evaluate.curves import read_curve, steps_to_threshold

CURVE = [{"step": step, "success": success} for step, success in [(0, 0.2), (10, 0.9), (20, 0.7), (30, 0.9), (40, 1.0)]]


@pytest.mark.parametrize(
    ("threshold", "hold", "expected"),
    [(0.2, 1, 0), (0.9, 1, 10), (0.9, 2, 30), (0.5, 3, 10), (0.9, 3, None), (1.1, 1, None), (1.0, 1, 40)],
)
def test_steps_to_threshold(threshold: float, hold: int, expected: int | None) -> None:
    assert steps_to_threshold(CURVE, threshold, hold=hold) == expected


def test_missing_numbers_do_not_reach_anything() -> None:
    assert steps_to_threshold([{"step": 1, "success": None}, {"step": 2}], 0.0) is None
    with pytest.raises(ConfigError, match="hold is 0"):
        steps_to_threshold(CURVE, 0.5, hold=0)


def test_a_curve_is_sorted_and_a_step_counts_once_and_a_torn_line_not(tmp_path: Path) -> None:
    lines = [{"step": 20, "success": 0.1}, {"step": 10, "success": 0.5}, {"step": 20, "success": 0.7}]
    torn = '{"step": 30, "succ'
    (tmp_path / "evaluations.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n" + torn)
    assert read_curve(tmp_path) == [{"step": 10, "success": 0.5}, {"step": 20, "success": 0.7}]


def test_damage_in_the_middle_is_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "evaluations.jsonl").write_text('{"step": 1}\n{bad\n{"step": 2}\n')
    with pytest.raises(CheckpointError, match="damaged line"):
        read_curve(tmp_path)
    with pytest.raises(CheckpointError, match="does not exist"):
        read_curve(tmp_path / "nowhere")
