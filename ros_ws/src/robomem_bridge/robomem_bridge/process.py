"""Run a node as a process that ends cleanly: what it commands last is sent before ROS goes away."""

from __future__ import annotations

import signal
from typing import Any

import rclpy
from rclpy._rclpy_pybind11 import RCLError
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

__all__ = ["spin"]


def spin(node_type: Any, arguments: list[str] | None = None) -> None:
    """Spin a node until SIGINT or SIGTERM, then call its ``close``.

    rclpy's own handler takes the context away under a running timer, and the last command with it.
    """
    asked: list[int] = []
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, lambda number, _: asked.append(number))
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    node = node_type()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        while not asked and rclpy.ok():
            try:
                executor.spin_once(timeout_sec=0.1)
            except RCLError as error:  # e.g. somebody asked for a lifecycle transition that does not exist from here
                node.get_logger().error(f"refused: {error}")
    except ExternalShutdownException:
        pass
    finally:
        try:
            node.close()
            executor.spin_once(timeout_sec=0.05)  # lets the last message leave
        finally:
            node.destroy_node()
            rclpy.try_shutdown()
