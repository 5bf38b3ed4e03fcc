"""Parameters of a node: values with a type, and files."""

from pathlib import Path
from typing import get_args

import yaml
from launch.conditions import truth
from launch.substitution import Substitution, perform

SCALARS = (bool, int, float, str)


def substituted(value) -> bool:
    """Return whether a value is text that has to be put together first."""
    if isinstance(value, list | tuple):
        return any(isinstance(part, Substitution) for part in value)
    return isinstance(value, Substitution)


def checked(value, value_type):
    """Return ``value`` as what a parameter may be and ``value_type`` asks for, else raise ValueError."""
    if value_type is None:
        kinds = {type(part) for part in value} if isinstance(value, list | tuple) else {type(value)}
        if not kinds <= set(SCALARS) or len(kinds) > 1:
            raise ValueError(f"a parameter is a bool, int, float, str or a list of one of these, not {value!r}")
        return list(value) if isinstance(value, tuple) else value
    if inner := get_args(value_type):
        if not isinstance(value, list | tuple):
            raise ValueError(f"{value!r} is no {value_type}")
        return [checked(part, inner[0]) for part in value]
    if value_type is float and type(value) is int:
        return float(value)
    if type(value) is not value_type:
        raise ValueError(f"{value!r} is no {value_type.__name__}")
    return value


class ParameterValue:
    def __init__(self, value, *, value_type=None):
        self.value, self.value_type = value, value_type

    def evaluate(self, context):
        if not substituted(self.value):
            return checked(self.value, self.value_type)
        text = perform(context, self.value)
        if self.value_type is str:
            return text
        value = yaml.safe_load(text)
        return checked("" if value is None else value, self.value_type)


class ParameterFile:
    def __init__(self, param_file, *, allow_substs=False):
        self.param_file, self.allow_substs = param_file, allow_substs

    def evaluate(self, context) -> Path:
        allow = self.allow_substs if isinstance(self.allow_substs, bool) else truth(context, self.allow_substs)
        if allow:
            raise NotImplementedError("the stub of launch_ros makes no substitutions in parameter files")
        return Path(self.param_file if isinstance(self.param_file, Path) else perform(context, self.param_file))
