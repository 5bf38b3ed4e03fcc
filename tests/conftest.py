"""What a machine lacks is skipped, and said: an accelerator, ROS 2. No property is timed: machines are shared."""

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


NEEDS = {"gpu": (_has_gpu, "no accelerator here"), "ros": (_has_ros, "no ROS 2 here")}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked ``gpu`` or ``ros`` where there is none."""
    for mark, (present, reason) in NEEDS.items():
        marked = [item for item in items if item.get_closest_marker(mark)]
        if marked and not present():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=reason))
