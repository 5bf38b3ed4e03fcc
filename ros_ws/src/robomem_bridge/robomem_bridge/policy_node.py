"""The lifecycle node that runs a policy on an arm.

configure reads contract and policy; activate is the one moment from which the arm may move, and is refused unless every
channel speaks, the emergency stop is there and free, and nobody else commands the arm; deactivate and SIGTERM send a
command that brings it to rest.
"""

from __future__ import annotations

import importlib.util
import json
import math
from dataclasses import asdict, replace
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType, JumpThreshold
from rclpy.duration import Duration
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from sensor_msgs.msg import CompressedImage, Image, JointState
from std_msgs.msg import Bool, Float32MultiArray, String
from std_srvs.srv import Trigger

from robomem.deploy import Output, Runner, read
from robomem.deploy.contract import Contract
from robomem.deploy.pictures import pixels
from robomem.errors import ConfigError, RobomemError
from robomem_bridge import messages
from robomem_bridge.commands import SOMEONE, open_commands
from robomem_bridge.contracts import find
from robomem_bridge.process import spin
from robomem_bridge.repertoire import Repertoire

__all__ = ["PolicyNode", "main"]

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
CLOCK_TIMEOUT_S = 1.0
CLOCK_JUMP_S = 1.0
EARLY = 0.25
"""Share of a period by which a tick may come before its time, e.g. by a clock that is published."""
CLOSE_S = 2.0
"""How long a policy that is thinking is waited for when it is not wanted any more."""
_PARAMETERS = {
    "contract": ("", "Name of a contract that comes with the bridge, or the path of a YAML file."),
    "policy": ("", "Folder of a saved policy, or the name of one that comes with a package."),
    "skills": ("", "YAML file of named skills; then the instruction of a goal of run_policy is a skill's name."),
    "rate_hz": (0.0, "Steps of the policy a second; 0: the contract's."),
    "autoconfigure": (False, "Configure by itself when it comes up, or end; activation is always asked for."),
    "shadow": (False, "Compute and report, but command nothing."),
    "ensembling": ("latest", "How action chunks are blended: latest, average or crossfade."),
    "replan": (0, "Steps after which a chunk is planned anew; 0: when it is used up."),
    "instruction": ("", "What is to be done, for a policy that is told so in words."),
    "backlog": (200, "Steps that may wait for a policy that remembers beside the control path."),
    "max_refusals": (100, "Refusals in a row after which the arm is stopped; 0: never."),
    "require_estop": (True, "Refuse to activate without the emergency-stop node."),
    "estop_timeout_s": (0.5, "Silence of the emergency-stop node, in seconds, after which the arm is stopped."),
    "estop_topic": ("estop/state", "Where the emergency-stop node says, ten times a second, whether it is pressed."),
    "allowed_publishers": (["estop"], "Nodes that may publish on the command topic beside this one."),
}


class PolicyNode(LifecycleNode):
    """Runs ``robomem.deploy.Runner`` on ROS topics."""

    def __init__(self, name: str = "policy", **options: Any) -> None:
        super().__init__(name, **options)
        for parameter, (default, description) in _PARAMETERS.items():
            self.declare_parameter(parameter, default, rclpy.node.ParameterDescriptor(description=description))
        self.runner: Runner | None = None
        self.contract: Contract | None = None
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._estop: tuple[bool, float] | None = None
        self._trouble: set[str] = set()
        self._made: list[tuple[Any, Any]] = []
        self._timer: Any = None
        self._ticking: tuple[Clock, int] = (self._steady, 0)
        self._unnamed = False
        self._clock_seen = (0, 0.0)
        threshold = JumpThreshold(
            min_forward=Duration(seconds=CLOCK_JUMP_S), min_backward=Duration(nanoseconds=-1), on_clock_change=True
        )
        self._jumps = self.get_clock().create_jump_callback(threshold, post_callback=self._on_jump)
        if self._value("autoconfigure"):
            self._starter = self.create_timer(0.1, self._configure_by_itself, clock=self._steady)

    # Lifecycle

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read contract and policy, and listen; nothing can move yet."""
        try:
            self.contract = read(find(self._value("contract")))
            if self._value("rate_hz"):
                self.contract = replace(self.contract, rate_hz=self._value("rate_hz"))
            if self.contract.gripper is not None:
                raise ConfigError("This bridge does not drive grippers yet: take `gripper` out of the contract.")
            self._skills = Repertoire(self.contract, self._value("policy"), self._value("skills"))
            self.runner = Runner(
                self._skills.usual,
                self.contract,
                shadow=self._value("shadow"),
                ensembling=self._value("ensembling"),
                replan=self._value("replan") or None,
                max_refusals=self._value("max_refusals") or None,
                backlog=self._value("backlog"),
            )
            self.runner.new_episode(self._value("instruction"))
            self._commands = open_commands(self, self.contract, lambda: self._mismatch("commands"), self._on_failure)
        except RobomemError as error:
            self.get_logger().error(str(error))
            if self.runner is not None:
                self.runner.close()
            return FAILURE
        self._listen(self.contract, self.runner)
        self._keep(self._commands, lambda commands: commands.destroy())
        self._status = self._keep(self.create_publisher(String, "~/status", 1), self.destroy_publisher)
        self._diagnostics = self._keep(
            self.create_publisher(DiagnosticArray, "/diagnostics", 1), self.destroy_publisher
        )
        for service, work in {"start": self._start, "stop": self._stop, "new_episode": self._new_episode}.items():
            made = self.create_service(Trigger, f"~/{service}", work)
            self._keep(made, self.destroy_service)
        self._offer_action()
        for period, work in ((0.1, self._report), (1.0, self._diagnose)):
            self._keep(self.create_timer(period, work, clock=self._steady), self.destroy_timer)
        for note in self._skills.notes():
            self.get_logger().info(note)
        self.get_logger().info(f"{self._skills} is ready for {self.contract.robot}; activate moves the arm.")
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Put the policy in charge."""
        trouble = self._begin()
        if trouble:
            self.get_logger().error(trouble)
            return FAILURE
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Bring the arm to rest."""
        self._end()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Forget contract and policy."""
        self._end()
        for thing, destroy in self._made:
            destroy(thing)
        if self.runner is not None:
            self.runner.close(CLOSE_S)
        self._made, self.runner, self.contract = [], None, None
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Bring the arm to rest."""
        self.close()
        return SUCCESS

    def _configure_by_itself(self) -> None:
        self.destroy_timer(self._starter)
        if self.trigger_configure() != SUCCESS:
            raise SystemExit(2)  # nobody is there to mend it and ask again; why not is said

    def close(self) -> None:
        """Bring the arm to rest; called when the process is asked to end."""
        self._end()
        if self.runner is not None:
            self.runner.close(CLOSE_S)

    # Work

    def _begin(self) -> str:
        """Put the policy in charge; returns why not, or nothing."""
        assert self.runner is not None
        if self._value("require_estop"):
            if self._estop_is_silent():
                return f"Cannot activate: no emergency stop on {self._value('estop_topic')}. Start the estop node."
            if self._estop is not None and self._estop[0]:
                return "Cannot activate: the emergency stop is pressed. Release it with its release service."
        if others := self._others():
            return f"Cannot activate: {', '.join(others)} commands {self._commands.topic} too."
        if not self._value("shadow") and (absent := self._commands.absent()):
            return f"Cannot activate: {absent}. Activate the arm's controller."
        try:
            if self.runner.filter.stopped:
                self.runner.release()
            self.runner.activate()
        except RobomemError as error:
            return str(error)
        clock = self.get_clock() if self._value("use_sim_time") else self._steady
        self._drop_timer()
        self._ticking = clock, clock.now().nanoseconds
        self._timer = self.create_timer(self.runner.contract.period_s, self._tick, clock=clock)
        self._report()  # at once: a recorder opens its bag by it
        return ""

    def _end(self) -> None:
        self._drop_timer()
        if self.runner is not None and (output := self.runner.deactivate()) is not None:
            self._send(output)
            self._report()

    def _tick(self) -> None:
        assert self.runner is not None
        if self._value("require_estop") and self._estop_is_silent():
            self.runner.stop("the emergency-stop node is silent")
        output = self.runner.tick(self._period())
        if output is not None:
            self._send(output)

    def _period(self) -> int:
        """Return how many periods have begun by the timer's clock; a timer that is late skips some."""
        assert self.runner is not None
        clock, begun = self._ticking
        elapsed_s = 1e-9 * (clock.now().nanoseconds - begun)
        return math.floor(elapsed_s / self.runner.contract.period_s + EARLY)

    def _send(self, output: Output) -> None:
        pressed = self._estop is not None and self._estop[0] and not self._estop_is_silent()
        if output.send and not pressed:  # while it is pressed the emergency stop alone commands the arm
            assert self.contract is not None
            self._commands.send(messages.command(self.contract, output))

    def _offer_action(self) -> None:
        """Offer what needs robomem_msgs, where that is built; topic and services of standard types do without."""
        self._goals: Any = None
        if importlib.util.find_spec("robomem_msgs") is None:
            return
        from robomem_bridge.run_policy import RunPolicyServer

        self._goals = RunPolicyServer(self, self._begin, self._end, self._facts, self._instruct, self._reached)
        self._keep(self._goals, RunPolicyServer.destroy)

    def _instruct(self, instruction: str) -> str:
        """Make ready for a goal, or after one: take the skill that it names; returns why not, or nothing."""
        assert self.runner is not None
        try:
            if not self._skills.named:
                self.runner.new_episode(instruction)
                return ""
            policy = self._skills.choose(instruction)
        except RobomemError as error:
            return str(error)
        self._end()
        self.runner.take(policy)
        return ""

    def _reached(self) -> bool | None:
        """Return whether the skill is done; None where it is for others to judge."""
        assert self.runner is not None
        return self._skills.reached(self.runner.readings.position)

    def _listen(self, contract: Contract, runner: Runner) -> None:
        readings = runner.readings

        def joints(message: JointState) -> None:
            stamp = messages.seconds(message.header.stamp)
            readings.joint_states(message.name, message.position, message.velocity, stamp)

        self._subscribe(JointState, contract.states, joints)
        for name, sense in contract.senses.items():
            self._subscribe(Float32MultiArray, sense.channel, lambda m, name=name: readings.sense(name, m.data))
        for name, camera in contract.cameras.items():
            kind = CompressedImage if camera.compressed else Image

            def see(message: Any, name: str = name, camera: Any = camera) -> None:
                try:
                    readings.picture(name, pixels(message, camera))
                except (ValueError, OSError) as error:
                    self._say_once(f"{camera.channel.topic}: {error}")

            self._subscribe(kind, camera.channel, see)
        estop = self.create_subscription(Bool, self._value("estop_topic"), self._on_estop, messages.LATCHED)
        self._keep(estop, self.destroy_subscription)
        instruction = self.create_subscription(String, "~/instruction", self._on_instruction, 1)
        self._keep(instruction, self.destroy_subscription)

    def _subscribe(self, kind: Any, channel: Any, work: Any) -> None:
        events = SubscriptionEventCallbacks(incompatible_qos=lambda _: self._mismatch(channel.topic))
        made = self.create_subscription(kind, channel.topic, work, messages.qos(channel), event_callbacks=events)
        self._keep(made, self.destroy_subscription)

    def _on_estop(self, message: Bool) -> None:
        self._estop = (bool(message.data), self._now())
        if message.data and self.runner is not None:
            self.runner.stop("emergency stop")

    def _on_instruction(self, message: String) -> None:
        assert self.runner is not None
        try:
            self.runner.new_episode(message.data)
        except RobomemError as error:
            self.get_logger().error(str(error))

    def _on_failure(self, reason: str) -> None:
        if self.runner is not None and self.runner.active:
            self.runner.stop(reason)

    def _estop_is_silent(self) -> bool:
        return self._estop is None or self._now() - self._estop[1] > float(self._value("estop_timeout_s"))

    def _others(self) -> list[str]:
        """Return the nodes, but for the emergency stop, that can command the arm beside this one."""
        found: list[str] = self._commands.rivals(self._value("allowed_publishers"))
        return found

    def _mismatch(self, topic: str) -> None:
        self._say_once(f"incompatible quality of service on {topic}: nothing will come through; see its `reliable`")

    def _say_once(self, trouble: str) -> None:
        if trouble not in self._trouble:
            self._trouble.add(trouble)
            self.get_logger().error(trouble)

    # Reports and services

    def _facts(self) -> dict[str, Any]:
        assert self.runner is not None
        status = self.runner.status()
        thoughts = status.thoughts
        return {
            "policy": self._skills.name,
            "state": status.state,
            "reasons": list(status.reasons),
            "steps": status.steps,
            "refusals": dict(status.refusals),
            "rejected": dict(self.runner.readings.counts()),
            "ticked_s": status.ticked_s,
            "latency_ms": 1e3 * status.latency_s,
            "observation_age_ms": None if math.isnan(status.age_s) else 1e3 * status.age_s,
            "queue_depth": status.queue_depth,
            "memory": self.runner.remembers,
            "thoughts": None if thoughts is None else {**asdict(thoughts), "lost": dict(thoughts.lost)},
            "trouble": sorted(self._trouble),
        }

    def _on_jump(self, jump: Any) -> None:
        if self.runner is not None and self.runner.active:
            self.runner.stop(f"the clock jumped by {1e-9 * jump.delta.nanoseconds:.3g} s")

    def _watch_clock(self) -> None:
        """Stop the arm when ``/clock`` stands still: the timer of the policy stands still with it."""
        if self.runner is None or not (self._value("use_sim_time") and self.runner.active):
            return
        time, now = self.get_clock().now().nanoseconds, self._now()
        if time != self._clock_seen[0]:
            self._clock_seen = (time, now)
        elif now - self._clock_seen[1] > CLOCK_TIMEOUT_S:
            self.runner.stop("the clock stands still")
            self._tick()

    def _report(self) -> None:
        self._watch_clock()
        self._status.publish(String(data=json.dumps(self._facts())))
        if self._goals is not None:
            self._goals.report(self._now())

    def _diagnose(self) -> None:
        facts = self._facts()
        level = {"active": 0, "shadow": 0, "inactive": 0, "holding": 1, "stopped": 2}[facts["state"]]
        gaps = facts["thoughts"] is not None and facts["thoughts"]["lost"]
        level = max(level, 1 if facts["trouble"] or gaps else 0)
        status = DiagnosticStatus(level=bytes([level]), name=self.get_fully_qualified_name(), message=facts["state"])
        status.values = [KeyValue(key=key, value=str(value)) for key, value in facts.items()]
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)
        if self.runner is not None and self.runner.active:
            others = self._others()
            unnamed, self._unnamed = self._unnamed, others == [SOMEONE]
            if others and (unnamed or not self._unnamed):  # who is being discovered gets a second to say its name
                self.runner.stop(f"{', '.join(others)} commands the arm too")

    def _start(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """For those without lifecycle tools, and between episodes: put the policy in charge."""
        response.message = self._begin()
        response.success = not response.message
        return response

    def _stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        self._end()
        response.success = True
        return response

    def _new_episode(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        assert self.runner is not None
        self.runner.new_episode()
        self._report()
        response.success = True
        return response

    def _keep(self, thing: Any, destroy: Any) -> Any:
        self._made.append((thing, destroy))
        return thing

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self.destroy_timer(self._timer)
            self._timer = None

    def _now(self) -> float:
        return 1e-9 * float(self._steady.now().nanoseconds)

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value


def main(arguments: list[str] | None = None) -> None:
    """Run the node until it is asked to end."""
    spin(PolicyNode, arguments)


if __name__ == "__main__":
    main()
