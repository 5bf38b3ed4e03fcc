"""How commands reach an arm's controller, and who else sends some."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from action_msgs.msg import GoalStatus
from rclpy.action import ActionClient
from rclpy.event_handler import PublisherEventCallbacks
from rclpy.qos import QoSProfile
from std_msgs.msg import Float64MultiArray
from trajectory_msgs.msg import JointTrajectory

from robomem.deploy.contract import ACTION, Contract
from robomem.errors import ConfigError

__all__ = ["ActionCommands", "TopicCommands", "follow_joint_trajectory", "open_commands", "topic_of"]

UNNAMED, SOMEONE = "_NODE_NAME_UNKNOWN_", "a node whose name is not known yet"


def topic_of(contract: Contract) -> str:
    """Return the topic on which the contract's controller takes commands.

    A joint_trajectory_controller listens there even while a goal of its action runs: what comes last counts.
    """
    topic = contract.command.topic
    return topic.removesuffix(ACTION) + "joint_trajectory" if contract.command.kind == "action" else topic


def follow_joint_trajectory() -> Any:
    """Return control_msgs' action; it is not on PyPI.

    Raises:
        ConfigError: control_msgs cannot be imported.
    """
    try:
        from control_msgs.action import FollowJointTrajectory
    except ImportError as error:
        raise ConfigError(
            "command.kind is 'action', and control_msgs cannot be imported. Install it (apt install "
            "ros-$ROS_DISTRO-control-msgs), or use kind: trajectory with the controller's topic joint_trajectory."
        ) from error
    return FollowJointTrajectory


def open_commands(
    node: Any, contract: Contract, on_mismatch: Callable[[], None], on_failure: Callable[[str], None]
) -> TopicCommands | ActionCommands:
    """Return the way to the contract's controller.

    Args:
        node: who commands.
        contract: of the arm.
        on_mismatch: called when a controller listens with an incompatible quality of service.
        on_failure: called with the reason when the controller rejects or gives up a goal of its action.
    """
    if contract.command.kind == "action":
        return ActionCommands(node, contract, on_failure)
    return TopicCommands(node, contract, on_mismatch)


class TopicCommands:
    """Publishes trajectories (or positions, for a forward controller) on the controller's topic."""

    def __init__(self, node: Any, contract: Contract, on_mismatch: Callable[[], None] = lambda: None) -> None:
        self._node = node
        kind = Float64MultiArray if contract.command.kind == "forward" else JointTrajectory
        events = PublisherEventCallbacks(incompatible_qos=lambda _: on_mismatch())
        self._publisher = node.create_publisher(kind, topic_of(contract), QoSProfile(depth=1), event_callbacks=events)
        self.topic: str = self._publisher.topic_name

    def send(self, message: Any) -> None:
        """Send a command."""
        self._publisher.publish(message)

    def rivals(self, allowed: Collection[str]) -> list[str]:
        """Return the nodes that publish on the topic beside this one, but for those of the ``allowed`` names."""
        return _named(self._node, _publishers(self._node, self.topic), allowed)

    def absent(self) -> str:
        """Return that nobody listens, or nothing."""
        return "" if self._publisher.get_subscription_count() else f"nobody listens to {self.topic}"

    def destroy(self) -> None:
        """Leave the graph."""
        self._node.destroy_publisher(self._publisher)


class ActionCommands:
    """Sends each trajectory as a goal of FollowJointTrajectory, which the next one replaces.

    Unlike the topic it answers: a goal that the controller rejects or gives up, e.g. because the arm left the tolerance
    of its path, is a failure that the policy is stopped for.
    """

    def __init__(self, node: Any, contract: Contract, on_failure: Callable[[str], None]) -> None:
        self._node, self._on_failure = node, on_failure
        self._action = follow_joint_trajectory()
        self._client = ActionClient(node, self._action, contract.command.topic)
        self.topic: str = node.resolve_topic_name(contract.command.topic)
        self._beside: str = node.resolve_topic_name(topic_of(contract))

    def send(self, message: JointTrajectory) -> None:
        """Send a command."""
        if absent := self.absent():
            self._on_failure(absent)
            return
        self._client.send_goal_async(self._action.Goal(trajectory=message)).add_done_callback(self._answered)

    def rivals(self, allowed: Collection[str]) -> list[str]:
        """Return the nodes that could send goals or trajectories beside this one."""
        service = f"{self.topic}/_action/send_goal"
        clients = [
            (name, space)
            for name, space in self._node.get_node_names_and_namespaces()
            if any(service == known for known, _ in _clients(self._node, name, space))
        ]
        return _named(self._node, clients + _publishers(self._node, self._beside), allowed)

    def absent(self) -> str:
        """Return that no controller offers the action, or nothing."""
        return "" if self._client.server_is_ready() else f"nobody offers {self.topic}"

    def destroy(self) -> None:
        """Leave the graph."""
        self._client.destroy()

    def _answered(self, future: Any) -> None:
        handle = future.result()
        if handle.accepted:
            handle.get_result_async().add_done_callback(self._ended)
        else:
            self._on_failure(f"{self.topic} rejected a trajectory: is the controller active, and of this arm?")

    def _ended(self, future: Any) -> None:
        ended = future.result()
        if ended.status == GoalStatus.STATUS_ABORTED:  # a goal that was replaced is canceled, not aborted
            self._on_failure(f"{self.topic} gave up: {ended.result.error_string or ended.result.error_code}")


def _publishers(node: Any, topic: str) -> list[tuple[str, str]]:
    return [(info.node_name, info.node_namespace) for info in node.get_publishers_info_by_topic(topic)]


def _clients(node: Any, name: str, space: str) -> list[tuple[str, list[str]]]:
    try:
        known: list[tuple[str, list[str]]] = node.get_client_names_and_types_by_node(name, space)
    except Exception:  # the node has left since it was listed
        return []
    return known


def _named(node: Any, found: list[tuple[str, str]], allowed: Collection[str]) -> list[str]:
    mine = (node.get_name(), node.get_namespace())
    others = [other for other in found if other != mine and other[0] not in allowed]
    names = {SOMEONE if name == UNNAMED else f"{space.rstrip('/')}/{name}" for name, space in others}
    return sorted(names | ({"a second me"} if found.count(mine) > 1 else set()))
