"""Limits that contradict themselves are refused by name."""

import numpy as np
import pytest

from robomem.errors import ConfigError
from robomem.safety import JointLimits

GOOD = {"names": ("hip", "knee"), "lower": [-1, -2], "upper": [1, 2], "velocity": [1, 2], "acceleration": [4, 8]}
GOOD["step"] = [0.1, 0.2]
ROW = {"lower": -1, "upper": 1.5, "velocity": "2e0", "acceleration": 8, "step": 0.1}


def test_arrays_are_read_only_copies():
    lower = np.array([-1.0, -2.0])
    limits = JointLimits(**{**GOOD, "lower": lower})
    lower[0] = 7
    assert limits.lower.tolist() == [-1, -2]
    assert limits.step.dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        limits.upper[0] = 9


@pytest.mark.parametrize("field", ["lower", "upper", "velocity", "acceleration", "step"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_every_limit_is_finite(field, value):
    with pytest.raises(ConfigError, match=f"joint 'knee': {field} must be finite"):
        JointLimits(**{**GOOD, field: [GOOD[field][0], value]})


@pytest.mark.parametrize("field", ["velocity", "acceleration", "step"])
@pytest.mark.parametrize("value", [0, -1])
def test_rates_are_positive(field, value):
    with pytest.raises(ConfigError, match=f"joint 'knee': {field} must be > 0"):
        JointLimits(**{**GOOD, field: [1, value]})


@pytest.mark.parametrize("upper", [-2, -3])
def test_inverted(upper):
    with pytest.raises(ConfigError, match="joint 'knee': the limits are inverted"):
        JointLimits(**{**GOOD, "upper": [1, upper]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": ()}, "at least one joint"),
        ({"names": ("hip", "hip")}, "hip appears twice"),
        ({"step": [0.1]}, r"step has shape \(1,\), but there are 2 joints \(hip, knee\)"),
        ({"step": 0.1}, r"step has shape \(\)"),
        ({"lower": ["low", -2]}, "lower must be 2 numbers"),
        ({"lower": None}, "lower"),
    ],
)
def test_shapes(change, message):
    with pytest.raises(ConfigError, match=message):
        JointLimits(**{**GOOD, **change})


def test_from_mapping_keeps_the_order():
    limits = JointLimits.from_mapping({"z": ROW, "a": {**ROW, "upper": 3}})
    assert limits.names == ("z", "a")
    assert limits.upper.tolist() == [1.5, 3]
    assert limits.velocity.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"hip": {**ROW, "velocty": 1}}, "joint 'hip' has no limit 'velocty'. Did you mean 'velocity'"),
        ({"hip": {"lower": -1, "upper": 1}}, "joint 'hip' lacks velocity, acceleration, step"),
        ({"hip": {**ROW, "step": "wide"}}, "joint 'hip': step must be a number, not 'wide'"),
        ({"hip": {**ROW, "step": None}}, "step must be a number"),
        ({"hip": {**ROW, "step": True}}, "step must be a number, not True"),
        ({"hip": [1, 2]}, "joint 'hip' must be a mapping"),
        (["hip"], "must be a mapping of joints"),
        ({}, "at least one joint"),
        ({"hip": {**ROW, "lower": 2}}, "inverted"),
    ],
)
def test_from_mapping_says_what_is_wrong(mapping, message):
    with pytest.raises(ConfigError, match=message):
        JointLimits.from_mapping(mapping)
