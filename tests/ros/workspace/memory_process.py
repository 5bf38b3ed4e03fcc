"""The memory node as a process, and a node of the test's own that tells it things and asks it."""

import contextlib
import os
import time

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from launch_file import evaluate, spawn
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from robomem_msgs.msg import Fact, Observation, Receipt, Sighting
from robomem_msgs.srv import Recall

LAUNCH = "ros_ws/src/robomem_bringup/launch/arm.launch.py"
PATIENCE_S = 60.0
ANSWER_S = 10.0
GOALS = {
    Transition.TRANSITION_CONFIGURE: State.PRIMARY_STATE_INACTIVE,
    Transition.TRANSITION_ACTIVATE: State.PRIMARY_STATE_ACTIVE,
    Transition.TRANSITION_DEACTIVATE: State.PRIMARY_STATE_INACTIVE,
    Transition.TRANSITION_CLEANUP: State.PRIMARY_STATE_UNCONFIGURED,
    Transition.TRANSITION_INACTIVE_SHUTDOWN: State.PRIMARY_STATE_FINALIZED,
}
NAMESPACE = "default/default/sim"
"""What the configuration of robot:=sim names."""


def saw(number, *sightings, **fields):
    """Return the observation of a second."""
    message = Observation(summary=f"step {number}", sightings=list(sightings), **fields)
    message.header.stamp.sec = number
    return message


def cup(place):
    """Return the sighting of a cup on something."""
    return Sighting(name="cup", key="cup", facts=[Fact(relation="on", object=place)])


class Owner:
    """Whoever uses the memory."""

    def __init__(self, file):
        self.file = file
        self.node = rclpy.create_node("owner")
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.receipts, self.health = {}, {}
        deep = QoSProfile(depth=1000)
        self.node.create_subscription(Receipt, "/memory/receipts", self._on_receipt, deep)
        self.node.create_subscription(DiagnosticArray, "/diagnostics", self._on_diagnostics, 10)
        self.observations = self.node.create_publisher(Observation, "/memory/observations", deep)
        self.client = self.node.create_client(Recall, "/memory/recall")
        self.running = []

    def _on_receipt(self, message):
        self.receipts[message.header.stamp.sec] = message

    def _on_diagnostics(self, message):
        for status in message.status:
            values = {pair.key: pair.value for pair in status.values}
            self.health = {"level": status.level[0], "message": status.message, **values}

    @contextlib.contextmanager
    def memory(self, **parameters):
        """Start the memory node as the launch file does, and wait until it hears."""
        nodes = evaluate(LAUNCH, robot="sim", memory=str(self.file), encoder="hash")
        (node,) = (node for node in nodes if node.name == "memory")
        for name, value in parameters.items():
            node.argv.extend(["-p", f"{name}:={value}"])
        with spawn([node]) as self.running:
            if parameters.get("autostart", True):
                self.until(self.observations.get_subscription_count, "the node to listen")
                self.until(lambda: self.node.count_publishers("/memory/receipts"), "the node to speak")
            self.health = {}
            yield self.running[0]

    def until(self, holds, what):
        """Spin until something holds."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and not holds():
            assert all(process.poll() is None for process in self.running), f"it ended before {what}"
            self.executor.spin_once(timeout_sec=0.02)
        assert holds(), f"waited {PATIENCE_S:g} s for {what}; {self.health}"

    def until_quiet(self):
        """Take what is still on its way from a process that has ended."""
        before = -1
        while before != len(self.receipts):
            before = len(self.receipts)
            for _ in range(20):
                self.executor.spin_once(timeout_sec=0.02)

    def tell(self, *messages):
        """Publish observations and wait for their receipts; return these in their order."""
        for message in messages:
            self.observations.publish(message)
        seconds = [message.header.stamp.sec for message in messages]
        self.until(lambda: all(second in self.receipts for second in seconds), f"receipts of {seconds}")
        return [self.receipts.pop(second) for second in seconds]

    def ask(self, query, limit=0):
        """Ask the memory."""
        return self.call(self.client, Recall.Request(query=query, limit=limit))

    def change(self, transition):
        """Ask for a lifecycle transition, and wait until the node is where it leads."""
        client = self.node.create_client(ChangeState, "/memory/change_state")
        states = self.node.create_client(GetState, "/memory/get_state")
        self.until(client.service_is_ready, "the lifecycle service")
        client.call_async(ChangeState.Request(transition=Transition(id=transition)))
        goal = GOALS[transition]
        self.until(lambda: self.call(states, GetState.Request()).current_state.id == goal, f"the state {goal}")
        for each in (client, states):
            self.node.destroy_client(each)

    def call(self, client, request):
        """Call a service; again where no answer comes: a server may not see a new client for some seconds."""
        self.until(client.service_is_ready, f"the service {client.srv_name}")
        asked = []

        def answered():
            if not asked or time.monotonic() - asked[-1][0] > ANSWER_S:
                asked.append((time.monotonic(), client.call_async(request)))
            return any(future.done() for _, future in asked)

        self.until(answered, f"an answer to {request}")
        return next(future.result() for _, future in asked if future.done())


@contextlib.contextmanager
def owner(file):
    """Bring ROS up, and an owner of a memory in ``file``."""
    rclpy.init(domain_id=int(os.environ["ROS_DOMAIN_ID"]))
    made = Owner(file)
    try:
        yield made
    finally:
        made.executor.remove_node(made.node)
        made.node.destroy_node()
        rclpy.shutdown()
