"""A configuration that cannot work says so at once."""

import dataclasses
import json

import pytest

from robomem.errors import ConfigError
from robomem_policies.memory_vla.expert import ExpertConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"process": "dim"}, "Did you mean 'ddim'"),
        ({"process": "flows"}, "Did you mean 'flow'"),
        ({"prediction": "epsilom"}, "Did you mean 'epsilon'"),
        ({"precision": "bfloat61"}, "Did you mean 'bfloat16'"),
        ({"precision": None}, "does not exist"),
        ({"process": []}, "does not exist"),
        ({"width": 100}, "multiples of 8"),
        ({"width": 128, "heads": 3}, "heads must divide width"),
        ({"depth": 0}, "depth must be"),
        ({"heads": 0}, "heads must be"),
        ({"repeat": 0}, "repeat must be"),
        ({"repeat": 2.0}, "repeat must be"),
        ({"depth": True}, "depth must be"),
        ({"steps": 200}, "steps must divide"),
        ({"steps": 100}, "fewer for ddim"),
        ({"steps": 30}, "What fits: 1, 2, 4, 5, 10, 20, 25, 50."),
        ({"process": "ddpm", "steps": 101}, "steps must divide"),
        ({"train_steps": 1, "steps": 1}, "What fits: nothing"),
        ({"guidance": float("nan")}, "guidance must be"),
        ({"guidance": -1.0}, "guidance must be"),
        ({"guidance": "1.5"}, "guidance must be"),
        ({"condition_drop": 1.0}, "probability below 1"),
        ({"condition_drop": -0.1}, "condition_drop must be"),
        ({"condition_drop": 0.0}, "learnt to do without cognition"),
        ({"process": "flow", "prediction": "sample"}, "flow learns a velocity"),
    ],
)
def test_what_cannot_work_is_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        ExpertConfig(**values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"process": "ddpm", "steps": 100},
        {"process": "flow", "steps": 7},
        {"process": "flow", "train_steps": 10, "steps": 50},
        {"guidance": 1, "condition_drop": 0},
        {"width": 384, "depth": 6, "heads": 4},
        {"width": 1024, "depth": 24, "heads": 16},
    ],
)
def test_what_works_survives_json(values):
    config = ExpertConfig(**values)
    assert ExpertConfig(**json.loads(json.dumps(dataclasses.asdict(config)))) == config
