"""The lifecycle node that keeps a robot's lifelong memory, off the control path.

configure opens the memory, and from then on questions are answered; activate takes observations in; deactivate, SIGINT
and SIGTERM write what waits. What a receipt has acknowledged is on the disk.
"""

from __future__ import annotations

import importlib.util
from dataclasses import asdict
from functools import partial
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType
from rclpy.executors import MultiThreadedExecutor
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CompressedImage

from robomem.errors import ConfigError, DataError, RobomemError
from robomem_bridge import messages
from robomem_bridge.process import spin

__all__ = ["MemoryNode", "main"]

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
THREADS = 4
"""Of the executor: one for all but questions, two for questions, one that tells a further one that it must wait."""
_DEPTH = 1000
_SAY_EVERY_S = 5.0
_MOST = 1e6
"""Of a parameter that counts something or is a time in seconds: above, nobody meant it."""
_PARAMETERS = {
    "memory": ("", "Path of the memory's file, or postgresql://user@host/name."),
    "namespace": ("default/default/robot", "Whose memory it is: tenant/map/robot."),
    "encoder": (
        "minilm",
        "Of text; a memory keeps the one that it began with. hash needs no model, and knows no meanings.",
    ),
    "frame": ("map", "Frame of all poses; those in another are refused."),
    "most_trust": (2, "That a message may claim: 0 low, 1 model, 2 sensor, 3 user."),
    "queue": (1000, "Observations that may wait to be written; more are refused."),
    "picture_topic": ("", "CompressedImage of which one is kept with each observation; empty for none."),
    "picture_folder": ("", "Where pictures are kept; beside the memory's file if empty."),
    "picture_age_s": (1.0, "Between a picture and its observation, at most, in seconds of their stamps."),
    "picture_bytes": (1_000_000_000, "That all pictures may take; then no more are kept."),
    "recall_deadline_s": (2.0, "After which a question is answered with what was found by then, or refused."),
    "recall_limit": (10, "Answers to a question that sets no limit."),
    "close_deadline_s": (
        4.0,
        "For writing what waits when the node ends; launch kills one that takes longer than 5 s.",
    ),
    "autostart": (False, "Configure and activate by itself when it comes up, or end with what is wrong."),
}


class MemoryNode(LifecycleNode):
    """``~/observations`` and ``~/receipts``, the service ``~/recall``, and diagnostics, of one ``LifelongMemory``."""

    def __init__(self, name: str = "memory", **options: Any) -> None:
        super().__init__(name, **options)
        for parameter, (default, description) in _PARAMETERS.items():
            self.declare_parameter(parameter, default, rclpy.node.ParameterDescriptor(description=description))
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._memory: Any = None
        self._writer: Any = None
        self._pictures: Any = None
        self._picture: CompressedImage | None = None
        self._malformed, self._told = 0, (0, 0)
        self._made: list[tuple[Any, Any]] = []
        self._heard: list[Any] = []
        if self._value("autostart") and not (self.trigger_configure() == SUCCESS == self.trigger_activate()):
            raise SystemExit(2)  # nobody is there to mend it and ask again; why not is said

    # Lifecycle

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Open the memory, and answer questions."""
        try:
            self._open()
        except RobomemError as error:
            self.get_logger().error(str(error))
            self._close_memory()
            return FAILURE
        from robomem_msgs.msg import Receipt

        from robomem_bridge.recall_service import RecallService

        self._receipts = self._keep(
            self.create_publisher(Receipt, "~/receipts", QoSProfile(depth=_DEPTH)), self.destroy_publisher
        )
        diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 1)
        self._diagnostics = self._keep(diagnostics, self.destroy_publisher)
        limit, deadline_s = self._value("recall_limit"), self._value("recall_deadline_s")
        self._recall = RecallService(self, self._memory, limit=limit, deadline_s=deadline_s)
        self._keep(self._recall, RecallService.destroy)
        self._keep(self.create_timer(1.0, self._diagnose, clock=self._steady), self.destroy_timer)
        self.get_logger().info(f"{self._memory.database} of {self._memory.namespace} is open; activate takes steps in.")
        return SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take observations in."""
        from robomem_msgs.msg import Observation

        from robomem.deploy.remembering import MemoryWriter

        self._writer = MemoryWriter(self._memory, self._report, capacity=self._value("queue"), pictures=self._pictures)
        self._malformed, self._told = 0, (0, 0)
        deep = QoSProfile(depth=_DEPTH)
        self._heard = [self.create_subscription(Observation, "~/observations", self._observe, deep)]
        if topic := self._value("picture_topic"):
            see = self.create_subscription(CompressedImage, topic, self._see, qos_profile_sensor_data)
            self._heard.append(see)
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take no more in, and write what waits."""
        self._finish()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Close the memory."""
        self._finish()
        for thing, destroy in self._made:
            destroy(thing)
        self._made = []
        self._close_memory()
        return SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Write what waits, and close the memory."""
        return self.on_cleanup(state)

    def close(self) -> None:
        """Write what waits; called when the process is asked to end, perhaps beside a callback."""
        self._finish()
        if self._memory is not None:
            self._memory.close()

    # Work

    def _open(self) -> None:
        if importlib.util.find_spec("robomem_msgs") is None:
            raise ConfigError(
                "The memory node needs robomem_msgs: colcon build --base-paths ros_ws/src, and source it."
            )
        if importlib.util.find_spec("sqlalchemy") is None:
            raise ConfigError("The memory node needs a database: pip install 'robomem[memory]'.")
        from robomem.deploy.remembering import PictureFolder
        from robomem.lifelong import LifelongMemory, Trust

        where, trust = self._value("memory"), self._value("most_trust")
        if not where:
            raise ConfigError("Which memory? Set the parameter memory to a path, or to postgresql://user@host/name.")
        if trust not in list(Trust):
            raise ConfigError(f"most_trust {trust} is none: 0 low, 1 model, 2 sensor, 3 user.")
        for name in ("queue", "recall_limit", "recall_deadline_s", "close_deadline_s", "picture_age_s"):
            if not 0 < self._value(name) < _MOST:
                raise ConfigError(f"{name} is {self._value(name)}; it must be more than 0 and less than {_MOST:g}.")
        self._trust = Trust(trust)
        self._memory = LifelongMemory(where, namespace=self._value("namespace"), encoder=self._value("encoder"))
        self._pictures = None
        if self._value("picture_topic"):
            file = self._memory.database.path
            folder = self._value("picture_folder") or (file and file.with_name(f"{file.stem}-pictures"))
            if not folder:
                raise ConfigError("Where do pictures go? Set picture_folder: this memory is no file to be beside of.")
            self._pictures = PictureFolder(folder, most_bytes=self._value("picture_bytes"))

    def _observe(self, message: Any) -> None:
        from robomem.deploy.remembering import observed

        now = 1e-9 * self.get_clock().now().nanoseconds
        try:
            observation = observed(message, now, frame=self._value("frame"), most_trust=self._trust)
        except DataError as error:
            self._malformed += 1
            self._refuse(message, str(error))
            return
        if not self._writer.put(observation, message, self._shown(observation.time)):
            self._refuse(message, f"{self._value('queue')} observations wait to be written already; send it again.")

    def _see(self, message: CompressedImage) -> None:
        self._picture = message

    def _shown(self, time: float) -> bytes | None:
        """Return the picture of that time; each shows one step."""
        seen, self._picture = self._picture, None
        if seen is None or not abs(messages.seconds(seen.header.stamp) - time) <= self._value("picture_age_s"):
            return None
        return bytes(seen.data)

    def _refuse(self, message: Any, why: str) -> None:
        self.get_logger().warning(f"refused an observation: {why}", throttle_duration_sec=_SAY_EVERY_S)
        self._answer(message, message=why[:1000])

    def _report(self, report: Any) -> None:
        """Tell who sent an observation what became of it; on the writer's thread."""
        if report.trouble:
            self.get_logger().warning(report.trouble, throttle_duration_sec=_SAY_EVERY_S)
        if report.receipt is None:
            self._answer(report.token, message=report.trouble[:1000])
        else:
            late = list(report.receipt.late)
            self._answer(report.token, success=True, observation=report.receipt.observation, late=late)

    def _answer(self, heard: Any, **said: Any) -> None:
        from robomem_msgs.msg import Receipt

        self._receipts.publish(Receipt(header=heard.header, writer=heard.writer, **said))

    def _finish(self) -> None:
        """Take no more in, and write what waits."""
        for heard in self._heard:
            self.destroy_subscription(heard)
        self._heard, self._picture = [], None
        if self._writer is None:
            return
        if left := self._writer.close(self._value("close_deadline_s")):
            self.get_logger().error(f"{left} observations were not written in time; none of them was acknowledged.")

    def _close_memory(self) -> None:
        self._writer = None
        if self._memory is not None:
            self._memory.close()
        self._memory = self._pictures = None

    def _diagnose(self) -> None:
        level, said, values = self._health()
        status = DiagnosticStatus(level=bytes([level]), name=self.get_fully_qualified_name(), message=said)
        status.values = [KeyValue(key=key, value=str(value)) for key, value in values.items()]
        message = DiagnosticArray(status=[status])
        message.header.stamp = self.get_clock().now().to_msg()
        self._diagnostics.publish(message)

    def _health(self) -> tuple[int, str, dict[str, Any]]:
        """Return a level, the reason for it, and counts; called once a second."""
        values: dict[str, Any] = {
            "memory": self._memory.database,
            "namespace": self._memory.namespace,
            "questions": self._recall.asked,
            "unanswered": self._recall.refused,
            "malformed": self._malformed,
        }
        if self._writer is None:
            return 0, "answers questions, takes nothing in", values
        state = self._writer.state()
        values |= asdict(state)
        bad, backwards = self._malformed + state.refused, state.backwards
        before, self._told = self._told, (bad, backwards)
        if backwards > before[1]:
            self.get_logger().warning(f"{backwards - before[1]} observations are older than what came before them.")
        if state.trouble:
            return 2, f"cannot be written: {state.trouble}", values
        if state.dropped:
            return 1, f"{state.dropped} observations were dropped: more came than can be written", values
        if state.pictures_lost:
            return 1, f"{state.pictures_lost} pictures were not kept", values
        if bad > before[0]:
            return 1, f"{bad - before[0]} observations were refused", values
        return 0, "takes observations in" if self._heard else "answers questions, takes nothing in", values

    def _keep(self, thing: Any, destroy: Any) -> Any:
        self._made.append((thing, destroy))
        return thing

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value


def main(arguments: list[str] | None = None) -> None:
    """Run the node until it is asked to end."""
    spin(MemoryNode, arguments, partial(MultiThreadedExecutor, num_threads=THREADS))


if __name__ == "__main__":
    main()
