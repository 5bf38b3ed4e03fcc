"""A policy in charge of an arm, one period at a time, behind the safety filter. No ROS here.

The control path: readings in, ``tick``, one command out. It never waits; what is late, missing or absurd makes the arm
hold, is counted and is said in the status. A policy that can watch without planning thinks beside it (``Thinking``).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from robomem.deploy.acting import Acting
from robomem.deploy.adapter import Adapter
from robomem.deploy.chunk import ChunkQueue, Trajectory, trajectory
from robomem.deploy.contract import Contract
from robomem.deploy.readings import JOINT_STATES, Readings
from robomem.deploy.thinking import Thinking, Thoughts
from robomem.errors import RobomemError
from robomem.policy import Instructed, Policy, Watching
from robomem.safety import Filtered, SafetyFilter
from robomem.types import FloatArray, Observation

__all__ = ["Output", "Runner", "Status"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Output:
    """What to send to the arm in this period.

    Attributes:
        positions: [J] rad, the command for the end of the period.
        trajectory: the same, timed, with velocities and a way to rest.
        gripper: its target; None where the policy does not drive one.
        send: False in shadow mode, where everything is computed and nothing may move, and to an arm that has been
            silent for so long that it is at rest, or gone.
        verdict: of the safety filter.
        reasons: of the safety filter.
    """

    positions: FloatArray
    trajectory: Trajectory
    gripper: float | None
    send: bool
    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """How it goes.

    Attributes:
        state: inactive, active, shadow, holding or stopped.
        reasons: of the last verdict.
        steps: periods since activation.
        refusals: how often the filter refused, by reason, since the start.
        ticked_s: steady seconds at the beginning of the last tick.
        latency_s: from the tick to its output, the last one.
        age_s: of the joint states in the last tick.
        queue_depth: steps for which there are actions.
        thoughts: how far a policy that thinks beside the control path is; None for others.
    """

    state: str
    reasons: tuple[str, ...]
    steps: int
    refusals: Mapping[str, int]
    ticked_s: float
    latency_s: float
    age_s: float
    queue_depth: int
    thoughts: Thoughts | None = None


class Runner:
    """Runs one policy on one arm.

    Args:
        policy: who acts; ``predict`` may return one action [A] or a chunk [H, A]. A ``Watching`` one is asked beside
            the control path.
        contract: of the arm.
        shadow: compute and say, but do not move the arm.
        ensembling: how chunks are blended, see ``ChunkQueue``.
        replan: steps after which a chunk is planned anew; None: when it is used up, or as a ``Watching`` policy says.
        max_refusals: in a row, after which the arm is stopped for good.
        backlog: how many steps may wait for a ``Watching`` policy.
        background: let such a policy think in a thread; else whoever calls ``work`` of ``mind`` thinks.
        clock: steady seconds.

    Raises:
        ConfigError: the policy does not fit the contract.
    """

    def __init__(
        self,
        policy: Policy,
        contract: Contract,
        *,
        shadow: bool = False,
        ensembling: str = "latest",
        replan: int | None = None,
        max_refusals: int | None = None,
        backlog: int = 200,
        background: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.policy, self.contract, self.shadow, self.replan = policy, contract, shadow, replan
        self._backlog, self._background = backlog, background
        self.adapter, self.readings = Adapter(policy, contract), Readings(contract, clock)
        self.filter = SafetyFilter(contract.limits, contract.period_s, contract.workspace, max_refusals)
        self.queue = ChunkQueue(ensembling)
        self.mind = self._mind_of(policy)
        self._clock, self._active, self._begun = clock, False, False
        self._last: Filtered | None = None
        self._ticked, self._latency, self._age = 0.0, 0.0, float("nan")
        self._waiting_since: dict[str, int] = {}
        self._target, self._blind = self.readings.position.copy(), False
        self._start()

    def _mind_of(self, policy: Policy) -> Acting | Thinking:
        if not isinstance(policy, Watching):
            return Acting(policy, self.queue, self.replan)
        return Thinking(policy, self.queue, self.replan, backlog=self._backlog, background=self._background)

    def _start(self) -> None:
        self._step = 0
        self._base: int | None = None
        self._gripper: float | None = None
        self.mind.begin()

    @property
    def active(self) -> bool:
        """Whether the policy is in charge."""
        return self._active

    @property
    def remembers(self) -> bool:
        """Whether the policy has carried anything from the last step to this one."""
        return self.mind.remembers

    def activate(self) -> None:
        """Begin an episode where the arm is, at rest.

        It begins with the first ``tick`` before which every channel has spoken again: what was said before may be of
        another episode.

        Raises:
            RobomemError: a channel is silent, or the arm is stopped and was not released. Nothing moves.
        """
        if silent := self.readings.silent():
            faults = {name: self.readings.fault(name) for name in silent}
            named = {name: f"{name} ({self.readings.topic(name)})" for name in silent}
            if bad := [f"{named[name]}: {fault}" for name, fault in faults.items() if fault]:
                raise RobomemError(
                    f"Cannot activate: nothing usable comes from {'; '.join(bad)}. Take the contract of this arm, or "
                    "make the topic what the contract says."
                )
            channels = ", ".join(named.values())
            raise RobomemError(f"Cannot activate: nothing comes from {channels}. Is the driver running?")
        self.filter.reset(self.readings.position)
        self._target, self._active, self._begun = self.readings.position.copy(), True, True
        self._blind = False
        self._last = None
        self._waiting_since = self.readings.heard()
        self._start()

    def take(self, policy: Policy) -> None:
        """Put another policy in the place of this one.

        Raises:
            RobomemError: the one that is here is in charge.
            ConfigError: the other does not fit the contract.
        """
        if self._active:
            raise RobomemError("A policy is in charge of the arm; take it out of charge before another comes.")
        self.adapter, self.policy = Adapter(policy, self.contract), policy
        self.close()
        self.mind = self._mind_of(policy)
        self._start()

    def new_episode(self, instruction: str = "") -> None:
        """Forget what the policy remembers; the arm goes on from where it is.

        Args:
            instruction: what is to be done, for a policy that is told so in words; as before if empty.

        Raises:
            ConfigError: the policy cannot take it. The episode goes on.
        """
        if instruction and isinstance(self.policy, Instructed):
            self.policy.instruct(instruction)
        self._start()

    def close(self, patience_s: float = 0.0) -> None:
        """End the thread of a policy that has one, and wait for it so long; the runner commands nothing any more."""
        self._active = False
        self.mind.close(patience_s)

    def deactivate(self) -> Output | None:
        """Take the policy out of charge; returns the command that brings the arm to rest, None if it was out before."""
        if not self._active:
            return None
        self._active = False
        self.mind.begin()
        return self._output(self.filter.refuse("deactivated", self.readings.position))

    def stop(self, reason: str) -> None:
        """Latch the emergency stop; the next ``tick`` brakes, whatever the policy wants."""
        self.filter.stop(reason)

    def release(self) -> None:
        """End the emergency stop; the policy stays out of charge until ``activate``.

        Raises:
            RobomemError: the arm is not stopped, or still moving.
        """
        self.filter.release(self.readings.position)
        self._active = False

    def tick(self, period: int | None = None) -> Output | None:
        """Advance by one period; None while nothing may be commanded.

        Args:
            period: number of this period, by the clock of whoever calls: one that is skipped is a step that has passed
                unseen. None: the one after the last.
        """
        if not self._begun or not (self._active or self.filter.stopped):
            return None
        self._ticked, self._age = self._clock(), self.readings.age()
        if self._waiting_since and not self.filter.stopped:
            if any(count <= self._waiting_since[name] for name, count in self.readings.heard().items()):
                return None
            self._waiting_since = {}
            self.filter.reset(self.readings.position)
            self._target = self.readings.position.copy()
        if period is not None:
            self._base = period if self._base is None else self._base
            self._step = max(self._step, period - self._base)
        filtered = self._judge(self._step)
        if filtered is None:
            return None
        self._step += 1
        output = self._output(filtered)
        self._latency = self._clock() - self._ticked
        return output

    def status(self) -> Status:
        """Return how it goes."""
        state = "inactive"
        if self.filter.stopped:
            state = "stopped"
        elif self._active:
            held = self._last is not None and self._last.verdict == "held"
            state = "holding" if held else "shadow" if self.shadow else "active"
        reasons = self._last.reasons if self._last else ()
        depth = self.queue.depth(self._step)
        spent = self._ticked, self._latency, self._age
        return Status(state, reasons, self._step, self.filter.counts, *spent, depth, self.mind.thoughts())

    def _judge(self, step: int) -> Filtered | None:
        """Return what becomes of this period: a command of the policy, a hold or a stop; None for silence."""
        away = np.abs(self.readings.position - self._target)
        astray = bool((away > self.contract.limits.step).any())
        stale, was_blind = self.readings.stale(), self._blind
        self._blind = JOINT_STATES in stale
        if self.filter.stopped:
            self._active = False  # what somebody else has moved is not pulled back
            return None if astray else self.filter.refuse("stopped", self.readings.position)
        if was_blind and not self._blind and astray:  # a driver that was started anew, an arm that was moved by hand
            self.filter.reset(self.readings.position)
            self._target = self.readings.position.copy()
            self.filter.stop(f"the arm came back {away.max():.2g} rad from where it was")
            return self.filter.refuse("stopped", self.readings.position)
        if stale:
            self.mind.missed(step)
            return self.filter.refuse(f"stale: {', '.join(stale)}", self.readings.position)
        return self._act(step)

    def _act(self, step: int) -> Filtered:
        measured, enabled = self.readings.position, self.readings.enabled()
        try:
            action = self.mind.action(step, self._observe)
        except Exception as error:  # whatever a policy does, the arm holds
            _log.exception("the policy failed")
            return self.filter.refuse(f"policy: {type(error).__name__}", measured)
        if action is None:
            if enabled or self.mind.failure:
                return self.filter.refuse(self.mind.failure or "no plan for this step yet", measured)
            return self.filter.apply(self._target, measured)
        if action.shape != self.adapter.action_shape:
            return self.filter.refuse("wrong size", measured)
        if not np.isfinite(action).all():  # before it is clipped to [-1, 1], which would hide an infinity
            return self.filter.refuse("not finite", measured)
        if not enabled:
            return self.filter.apply(self._target, measured)
        self._gripper = self.adapter.grip(action)
        return self.filter.apply(self.adapter.target(action, self._target), measured)

    def _observe(self) -> Observation:
        now = self.readings
        return self.adapter.observe(now.position, now.velocity, self._target, now.gripper, now.senses, now.pictures)

    def _output(self, filtered: Filtered) -> Output:
        before = self._target
        limits, period = self.contract.limits, self.contract.period_s
        self._last, self._target = filtered, filtered.positions.copy()
        horizon = self.contract.command.horizon_s
        points = trajectory(before, filtered.positions[None], filtered.velocities, period, limits.acceleration, horizon)
        if self.shadow and not self.filter.stopped:  # the arm does not follow, so each period begins where it is
            self.filter.reset(self.readings.position)
            self._target = self.readings.position.copy()
        send = not self.shadow and not self._deaf()
        return Output(filtered.positions, points, self._gripper, send, filtered.verdict, filtered.reasons)

    def _deaf(self) -> bool:
        """Whether the arm has been silent for longer than its last command lasts.

        It is at rest by then. What is still sent meets the driver when it starts anew, with the arm somewhere else.
        """
        return self.readings.age() > self.contract.states.timeout_s + self.contract.command.horizon_s
