"""What ``robomem doctor --ros`` looks at: environment, discovery, clock, and the topics of a contract.

Prints one JSON list of findings; ``robomem`` shows it. A finding has a name, a status (ok, note, fail), a detail and a
hint.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSCompatibility, QoSProfile, qos_check_compatible
from rclpy.utilities import get_rmw_implementation_identifier
from std_msgs.msg import Bool, String

from robomem.deploy import Contract, read
from robomem.errors import RobomemError
from robomem_bridge import messages
from robomem_bridge.contracts import find

__all__ = ["main"]

Finding = dict[str, str]
_PATIENCE_S = 4.0
_LISTEN_S = 1.0


def main(arguments: list[str] | None = None) -> None:
    """Check, and print the findings; the only argument is the name or path of a contract."""
    given = sys.argv[1:] if arguments is None else arguments
    rclpy.init()
    node, executor = rclpy.create_node("robomem_doctor"), SingleThreadedExecutor()
    executor.add_node(node)
    findings = [*_environment(), _memory(), _round_trip(node, executor), _clock(node)]
    try:
        contract = read(find(given[0])) if given else None
    except RobomemError as error:
        findings.append(_found("contract", "fail", str(error)))
    else:
        findings += _topics(node, executor, contract) if contract else []
    print(json.dumps(findings))  # noqa: T201
    node.destroy_node()
    rclpy.try_shutdown()


def _found(name: str, status: str, detail: str, hint: str = "") -> Finding:
    return {"name": name, "status": status, "detail": detail, "hint": hint}


def _environment() -> Iterator[Finding]:
    source = f"ROS 2 {os.environ['ROS_DISTRO']}" if "ROS_DISTRO" in os.environ else "ROS 2 from wheels"
    yield _found("ros", "ok", f"{source}, {get_rmw_implementation_identifier()}")
    domain = os.environ.get("ROS_DOMAIN_ID", "0")
    good = domain.isdigit() and int(domain) <= 101
    hint = "" if good else "Use 0 to 101: others collide with ports that the system hands out."
    yield _found("domain", "ok" if good else "fail", f"ROS_DOMAIN_ID {domain}", hint)
    reach = os.environ.get("ROS_AUTOMATIC_DISCOVERY_RANGE", "SUBNET")
    hint = "" if reach == "LOCALHOST" else "Everyone on this network can command the arm; LOCALHOST keeps it here."
    yield _found("discovery", "ok" if reach == "LOCALHOST" else "note", f"ROS_AUTOMATIC_DISCOVERY_RANGE {reach}", hint)


def _memory() -> Finding:
    """Look for what the memory node needs beyond the others."""
    needed = {
        "robomem_msgs": "colcon build --base-paths ros_ws/src, and source what it builds.",
        "sqlalchemy": "pip install 'robomem[memory]'.",
    }
    missing = {name: hint for name, hint in needed.items() if importlib.util.find_spec(name) is None}
    if not missing:
        return _found("memory node", "ok", "has its messages and its database")
    detail = f"cannot run here: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    return _found("memory node", "note", detail, f"For a lifelong memory: {' '.join(missing.values())}")


def _round_trip(node: Node, executor: SingleThreadedExecutor) -> Finding:
    """Send something to ourselves: no firewall, shared memory or network setting is in the way."""
    heard: list[str] = []
    subscription = node.create_subscription(String, "~/echo", lambda message: heard.append(message.data), 1)
    publisher = node.create_publisher(String, "~/echo", 1)
    begin = time.monotonic()

    def try_again() -> bool:
        publisher.publish(String(data="echo"))
        return bool(heard)

    worked = _until(executor, try_again, _PATIENCE_S)
    node.destroy_subscription(subscription)
    node.destroy_publisher(publisher)
    if worked:
        return _found("messages", "ok", f"one came round after {1e3 * (time.monotonic() - begin):.0f} ms")
    return _found("messages", "fail", "none came round", "Look for a firewall on the loopback, or a full /dev/shm.")


def _clock(node: Node) -> Finding:
    if not node.count_publishers("/clock"):
        return _found("clock", "ok", "the system's; nobody publishes /clock")
    return _found(
        "clock", "note", "somebody publishes /clock", "Nodes with use_sim_time follow it, and stop when it stops."
    )


def _topics(node: Node, executor: SingleThreadedExecutor, contract: Contract) -> Iterator[Finding]:
    from sensor_msgs.msg import JointState

    heard: list[Any] = []
    node.create_subscription(JointState, contract.states.topic, heard.append, messages.qos(contract.states))
    estop: list[bool] = []
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    node.create_subscription(Bool, "estop/state", lambda message: estop.append(bool(message.data)), latched)
    senses = {name: sense.channel.topic for name, sense in contract.senses.items()}
    command = contract.command.topic

    def complete() -> bool:  # peers are discovered one after the other
        present = all(map(node.count_publishers, senses.values())) and node.count_subscribers(command)
        return bool(heard and estop and present)

    _until(executor, complete, _PATIENCE_S)
    heard.clear()
    _until(executor, lambda: False, _LISTEN_S)
    yield _joint_states(node, contract, heard)
    for name, topic in senses.items():
        count = node.count_publishers(topic)
        hint = "" if count else f"Something must publish {topic} (std_msgs/Float32MultiArray)."
        yield _found(f"sense {name}", "ok" if count else "fail", f"{count} publishers of {topic}", hint)
    listeners = node.count_subscribers(command)
    hint = "" if listeners else "Activate the controller: ros2 control list_controllers shows its state."
    yield _found("controller", "ok" if listeners else "fail", f"{listeners} listeners to {command}", hint)
    state = "silent" if not estop else "pressed" if estop[-1] else "free"
    hints = {"silent": "Start the estop node: nothing may move without it.", "pressed": "Release it: ~/release."}
    yield _found("emergency stop", "ok" if state == "free" else "note", state, hints.get(state, ""))


def _joint_states(node: Node, contract: Contract, heard: list[Any]) -> Finding:
    topic, wanted = contract.states.topic, messages.qos(contract.states)
    publishers = node.get_publishers_info_by_topic(node.resolve_topic_name(topic))
    if not publishers:
        return _found("joint states", "fail", f"nobody publishes {topic}", "Start the arm's driver.")
    for publisher in publishers:
        compatibility, reason = qos_check_compatible(publisher.qos_profile, wanted)
        if compatibility == QoSCompatibility.ERROR:
            return _found("joint states", "fail", f"{topic}: {reason}", "Change `reliable` in the contract's states.")
    if not heard:
        return _found("joint states", "fail", f"{topic} is silent", "The driver runs but is mute: see its log.")
    missing = [name for name in contract.joints if name not in heard[-1].name]
    if missing:
        detail = f"{topic} has no joint {missing[0]}; it has {', '.join(heard[-1].name)}"
        return _found("joint states", "fail", detail, "Use the contract of this arm, or rename its joints.")
    rate = len(heard) / _LISTEN_S
    slow = rate < contract.rate_hz
    hint = (
        f"The policy steps at {contract.rate_hz:g} Hz and would see old poses: raise the driver's rate." if slow else ""
    )
    return _found("joint states", "note" if slow else "ok", f"{topic} at {rate:.0f} Hz", hint)


def _until(executor: SingleThreadedExecutor, holds: Callable[[], bool], patience_s: float) -> bool:
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if holds():
            return True
        executor.spin_once(timeout_sec=0.02)
    return holds()


if __name__ == "__main__":
    main()
