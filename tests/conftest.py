"""What a machine lacks is skipped, and said: an accelerator, ROS 2, other people's environments.

No property is timed: machines are shared.
"""

import importlib.util

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _has_ros() -> bool:
    return importlib.util.find_spec("rclpy") is not None


def _has_bench() -> bool:
    packages = ("gymnasium_robotics", "libero", "memory_gym", "metaworld", "popgym")
    return all(importlib.util.find_spec(package) is not None for package in packages)


NEEDS = {
    "gpu": (_has_gpu, "no accelerator here"),
    "ros": (_has_ros, "no ROS 2 here"),
    "bench": (_has_bench, "not all of the other environments are here: make test-bench"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked ``gpu``, ``ros`` or ``bench`` where there is none."""
    for mark, (present, reason) in NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(mark)]
        if marked and not present():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=reason))
