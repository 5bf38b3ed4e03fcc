"""The node that does tasks with named skills: it asks the memory, plans, and has the policy node run one after another.

It is off the control path: it commands nothing, and where it fails, is late or dies, a skill ends by its own limit and
the arm rests. The emergency stop ends a task; nothing moves again before somebody asks anew.
"""

from __future__ import annotations

import importlib.util
import json
from typing import Any

import rclpy
from rclpy.action import CancelResponse, GoalResponse
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState

from robomem.deploy import read
from robomem.deploy.readings import Readings
from robomem.deploy.skills import Errand, read_skills
from robomem.embodied import AgentOptions, Privileged, agents
from robomem.errors import ConfigError, RobomemError
from robomem_bridge import messages
from robomem_bridge.contracts import find
from robomem_bridge.goals import GoalServer
from robomem_bridge.process import spin

__all__ = ["PlannerNode", "main"]

STAND_IN = "named-skills"
_PARAMETERS = {
    "contract": ("", "Name of a contract that comes with the bridge, or the path of a YAML file."),
    "skills": ("", "YAML file of named skills, the same as the policy node's."),
    "agent": (STAND_IN, "Who plans; where that fails, the rules of named-skills do."),
    "model": ("", "Language model of the agent."),
    "base_url": ("", "OpenAI-compatible endpoint of the language model."),
    "agent_options": ("{}", "What else the agent is told, a JSON object."),
    "memory": ("memory", "Name of the memory node; empty to plan without."),
    "policy": ("policy", "Name of the policy node."),
    "answer_s": (3.0, "That the memory gets for an answer or a receipt."),
    "think_s": (30.0, "That the agent gets for a plan."),
    "max_skills": (20, "Skills after which a task has failed."),
}


class PlannerNode(Node):
    """The action ``~/run_task``; one task at a time, each on a thread of its own."""

    def __init__(self, name: str = "planner", **options: Any) -> None:
        super().__init__(name, **options)
        for parameter, (default, description) in _PARAMETERS.items():
            self.declare_parameter(parameter, default, rclpy.node.ParameterDescriptor(description=description))
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._goal: Any = None
        self._task: Any = None
        try:
            self._open()
        except RobomemError as error:
            self.get_logger().error(str(error))
            raise SystemExit(2) from error
        self.create_timer(0.1, self._go_on, clock=self._steady)
        self.get_logger().info(f"{self._value('agent')} knows: {', '.join(self.table.skills)}.")

    def close(self) -> None:
        """End the task; called when the process is asked to end. The skill that runs is cancelled."""
        if self._task is not None:
            self._task.end("the planner node ends")

    def hand(self) -> Any:
        """Return where the hand is, [3] m in the base frame; None where nobody says so now."""
        if self._contract.workspace is None or "joint_states" in self._readings.stale():
            return None
        return self._contract.workspace.end_effector(self._readings.position)

    def _open(self) -> None:
        if importlib.util.find_spec("robomem_msgs") is None:
            raise ConfigError("The planner needs robomem_msgs: colcon build --base-paths ros_ws/src, and source it.")
        from robomem_msgs.action import RunTask

        from robomem_bridge.robot_world import RobotWorld

        self._contract = contract = read(find(self._value("contract")))
        if not self._value("skills"):
            raise ConfigError("Which skills? Set the parameter skills to the YAML file that the policy node has too.")
        self.table = read_skills(self._value("skills"), contract)
        for name in ("answer_s", "think_s", "max_skills"):
            if not 0 < self._value(name) < 1e6:
                raise ConfigError(f"{name} is {self._value(name)}; it must be more than 0 and less than 1e6.")
        self._agent = self._make_agent()
        self._stand_in = self._agent if self._value("agent") == STAND_IN else agents[STAND_IN](AgentOptions())
        self._readings = Readings(contract, lambda: 1e-9 * float(self._steady.now().nanoseconds))
        self.create_subscription(JointState, contract.states.topic, self._feel, qos_profile_sensor_data)
        memory, policy = self._value("memory"), self._value("policy")
        self._world = RobotWorld(self, memory=memory, policy=policy, answer_s=self._value("answer_s"))
        self._server = GoalServer(
            self,
            RunTask,
            "~/run_task",
            self._begin,
            goal_callback=self._welcome,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )

    def _make_agent(self) -> Any:
        try:
            extra = json.loads(self._value("agent_options"))
        except ValueError:
            extra = None
        if not isinstance(extra, dict):
            raise ConfigError(f"agent_options must be a JSON object, not {self._value('agent_options')!r:.200}.")
        model, base_url = self._value("model") or None, self._value("base_url") or None
        agent = agents[self._value("agent")](AgentOptions(model=model, base_url=base_url, extra=extra))
        if isinstance(agent, Privileged):
            raise ConfigError(f"{self._value('agent')} looks into a simulator, which no robot has.")
        return agent

    def _feel(self, message: JointState) -> None:
        stamp = messages.seconds(message.header.stamp)
        self._readings.joint_states(message.name, message.position, message.velocity, stamp)

    def _welcome(self, request: Any) -> GoalResponse:
        return GoalResponse.REJECT if self._goal is not None else GoalResponse.ACCEPT

    def _begin(self, goal: Any) -> None:
        from robomem_bridge.robot_world import Task

        errand = Errand(
            self._agent,
            self._stand_in,
            self.table,
            self._world,
            most_skills=self._value("max_skills"),
            think_s=self._value("think_s"),
        )
        self._goal, self._since = goal, self._now()
        self._task = Task(errand, self._world, goal.request.instruction)

    def _go_on(self) -> None:
        """Say how the task goes, and end its goal when it has ended; ten times a second."""
        from robomem_msgs.action import RunTask

        if self._goal is None:
            return
        elapsed, limit = self._now() - self._since, self._goal.request.timeout_s
        done = self._task.done()
        if done is None:
            if self._goal.is_cancel_requested:
                self._task.end("cancelled")
            elif limit and elapsed > limit:
                self._task.end(f"not done after {limit:g} s")
            skill, why, count = self._world.doing
            self._goal.publish_feedback(RunTask.Feedback(elapsed_s=elapsed, skill=skill, thought=why, done=count))
            return
        goal, self._goal, self._task = self._goal, None, None
        cancelled = goal.is_cancel_requested and not done.success
        (goal.succeed if done.success else goal.canceled if cancelled else goal.abort)()
        for what in done.degraded:
            self.get_logger().warning(f"degraded: {what}")
        self.get_logger().info(f"“{goal.request.instruction}”: {done.message}")
        result = RunTask.Result(success=done.success, message=done.message)
        result.skills, result.degraded = list(done.skills), list(done.degraded)
        self._server.send(goal, result)

    def _now(self) -> float:
        return 1e-9 * float(self._steady.now().nanoseconds)

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value


def main(arguments: list[str] | None = None) -> None:
    """Run the node until it is asked to end."""
    spin(PlannerNode, arguments)


if __name__ == "__main__":
    main()
