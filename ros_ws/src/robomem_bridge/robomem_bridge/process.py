"""Run a node as a process that ends cleanly: what it commands last is sent before ROS goes away."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import rclpy
from rclpy._rclpy_pybind11 import RCLError
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

__all__ = ["make_executor", "spin"]


def make_executor() -> Any:
    """Return the executor that spins our nodes: rclpy's events executor, or in releases before 7.1.4 the one there is.

    The single-threaded one collects every service, timer and event of the node anew for each message that comes. For
    the policy node, which has more than thirty, that is more work than a small policy.
    """
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:
        return SingleThreadedExecutor()
    return EventsExecutor()


def spin(node_type: Any, arguments: list[str] | None = None, executor_type: Callable[[], Any] = make_executor) -> None:
    """Spin a node until SIGINT or SIGTERM, then call its ``close``.

    rclpy's own handler takes the context away under a running timer, and the last command with it.

    Args:
        node_type: what to make and spin.
        arguments: of the process, for ROS; those of ``sys.argv`` if None.
        executor_type: what spins it. rclpy 7.1's events executor cannot hand out raw messages: SystemError.
    """
    asked: list[int] = []
    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, lambda number, _: asked.append(number))
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    node = node_type()
    executor = executor_type()
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
            executor.shutdown()  # before what it listens to goes away
            node.destroy_node()
            rclpy.try_shutdown()
