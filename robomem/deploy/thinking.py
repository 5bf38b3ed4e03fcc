"""A policy that thinks beside the control path: each step is remembered in order, and plans come when they come.

The control path shows what it sees and takes the actions that are there; it never waits. A thread of its own lets the
policy ``observe`` every step in the order of time and ``plan`` where a chunk is due and nothing newer waits: where
inference is slower than the period plans are fewer, and memories are not.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import numpy as np

from robomem.deploy.chunk import ChunkQueue
from robomem.policy import Watching
from robomem.types import FloatArray, Observation, PolicyState

__all__ = ["Thinking", "Thoughts"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Thoughts:
    """How far the policy is with an episode.

    Attributes:
        seen: steps of which it was shown something.
        written: of these, how many it has taken in; the others wait, or are lost.
        waiting: how many it has not come to yet.
        lost: steps that its memory lacks, by reason: ``stale`` (a channel was silent), ``late`` (the control path came
            too late), ``full`` (too many waited), ``failed`` (the policy raised). They count as time all the same.
        plans: chunks that were planned.
    """

    seen: int
    written: int
    waiting: int
    lost: Mapping[str, int]
    plans: int


class _Episode:
    """All that belongs to one episode: a thought that is late has its own in hand, and cannot reach the next."""

    def __init__(self) -> None:
        self.lost: Counter[str] = Counter()
        self.seen = self.expected = 0  # of the control path
        self.done = self.written = self.plans = 0  # of the thinking thread, as the rest
        self.state: PolicyState | None = None
        self.next: int | None = None
        self.due = 0
        self.failure = ""
        self.chunks: deque[tuple[int, FloatArray]] = deque()


_Frame = tuple[_Episode, int, Observation]


class Thinking:
    """Shows a policy each step and runs the chunks that it plans.

    Args:
        policy: who watches and plans.
        queue: for its chunks: one that was planned at step s and comes at s + d is used from its action d on.
        replan: steps after which a chunk is planned anew; None: as the policy says (``execute``). Sooner where the
            chunk would be used up before the next is there.
        backlog: how many steps may wait. What comes when they are as many is lost, and counted: what waits is older,
            and may hold the cue.
        background: think in a thread of its own; else whoever calls ``work`` thinks.
    """

    def __init__(
        self,
        policy: Watching,
        queue: ChunkQueue,
        replan: int | None = None,
        *,
        backlog: int = 200,
        background: bool = True,
    ) -> None:
        self.policy, self.queue, self.backlog = policy, queue, backlog
        self._replan = replan or policy.execute
        self._frames: SimpleQueue[_Frame | None] = SimpleQueue()
        self._episode = _Episode()
        self._thread = threading.Thread(target=self._run, name="thinking", daemon=True) if background else None
        if self._thread is not None:
            self._thread.start()

    # The control path

    def begin(self) -> None:
        """Begin an episode; nothing is left of the last, and a thought about it that is under way comes to nothing."""
        self._episode = _Episode()
        self.queue.clear()
        self._forget()

    @property
    def remembers(self) -> bool:
        """Whether the policy carries anything from step to step."""
        return bool(self._episode.state)

    @property
    def failure(self) -> str:
        """What the policy raised when it was last asked; nothing after a plan."""
        return self._episode.failure

    def action(self, step: int, observe: Callable[[], Observation]) -> FloatArray | None:
        """Show the policy a step, and return the action [A] that it has planned for it; None if it has none.

        Args:
            step: of the episode, more than the last.
            observe: returns what is seen.
        """
        episode = self._episode
        if episode.seen and step > episode.expected:
            episode.lost["late"] += step - episode.expected
        if episode.seen - episode.done < self.backlog:
            observation = observe()
            episode.seen += 1  # before it is in the queue: the thread asks whether something newer waits
            self._frames.put((episode, step, observation))
        else:
            self._overflow(episode, step)
        episode.expected = step + 1
        while episode.chunks:
            self.queue.add(*episode.chunks.popleft())
        if episode.failure:  # what was planned before it went wrong is not carried out
            self.queue.clear()
        return self.queue.at(step)

    def missed(self, step: int) -> None:
        """Say that nothing could be seen in a step."""
        episode = self._episode
        if episode.seen:
            episode.lost["late"] += max(0, step - episode.expected)
            episode.lost["stale"] += 1
        episode.expected = step + 1

    def thoughts(self) -> Thoughts:
        """Return how far the policy is."""
        episode = self._episode
        done, lost = episode.done, {reason: count for reason, count in episode.lost.copy().items() if count}
        return Thoughts(episode.seen, episode.written, episode.seen - done, lost, episode.plans)

    def close(self, patience_s: float = 0.0) -> None:
        """Let the thread end after the thought that is under way, and wait for it so long."""
        self.begin()
        if self._thread is not None:
            self._frames.put(None)
            self._thread.join(patience_s)

    def _overflow(self, episode: _Episode, step: int) -> None:
        episode.lost["full"] += 1
        if episode.lost["full"] == 1:
            _log.warning(
                "step %d is not remembered: %d steps wait already. The policy is slower than the arm even without "
                "planning; take a smaller one, or one that was trained to remember fewer steps (write_stride).",
                step,
                self.backlog,
            )

    def _forget(self) -> None:
        try:
            while True:
                self._frames.get_nowait()
        except Empty:
            return

    # The thinking thread

    def work(self) -> bool:
        """Take in the step that has waited longest, and plan if that is due; returns whether there was one."""
        try:
            frame = self._frames.get_nowait()
        except Empty:
            return False
        if frame is not None:
            self._think(*frame)
        return True

    def _run(self) -> None:
        while (frame := self._frames.get()) is not None:
            self._think(*frame)

    def _think(self, episode: _Episode, step: int, observation: Observation) -> None:
        try:
            self._take_in(episode, step, observation)
        except Exception as error:  # whatever a policy does, the arm holds and what comes next is taken in
            _log.exception("the policy failed")
            episode.failure, episode.due = f"policy: {type(error).__name__}", 0
            episode.lost["failed"] += 1
        episode.done += 1

    def _take_in(self, episode: _Episode, step: int, observation: Observation) -> None:
        state, first = episode.state, np.array(episode.state is None)
        if state is not None and episode.next is not None and step > episode.next:
            state = self.policy.elapse(state, step - episode.next)
        chunk, newest = None, episode.seen - episode.done == 1  # a plan for what is older is worth less
        if newest and step >= episode.due:
            chosen, state = self.policy.plan(observation, state, first, deterministic=True)
            chunk = np.atleast_2d(np.asarray(chosen, np.float64))
        else:
            state = self.policy.observe(observation, state, first)
        episode.state, episode.next = state, step + 1
        episode.written += 1
        if chunk is None:
            return
        if chunk.ndim != 2 or not len(chunk):
            raise ValueError(f"a chunk is [H, A] with H >= 1 actions, not {list(chunk.shape)}.")
        taken = episode.expected - step  # steps for which this plan comes too late; the next should not
        episode.due = step + max(1, min(self._replan, len(chunk) - taken))
        episode.plans += 1
        episode.failure = ""  # first: what comes while there is one is thrown away
        episode.chunks.append((step, chunk))
