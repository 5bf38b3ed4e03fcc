"""Tests that speak ROS 2 are collected where ROS 2 is: `make test-ros` makes sure that it is there."""

import importlib.util
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "stub"))
collect_ignore = [] if importlib.util.find_spec("rclpy") else ["end_to_end", "workspace"]
