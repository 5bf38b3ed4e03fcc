"""What happened in an episode of a suite: each call of the planner, each action, each word of feedback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from robomem.embodied import EmbodiedTask
from robomem.errors import CheckpointError

__all__ = ["Call", "EpisodeRecord", "Step"]


@dataclass(frozen=True)
class Step:
    """An action that was executed.

    Attributes:
        action: id of a skill, the numbers of a low-level action, or -1 for an answer that held no plan.
        name: of the skill.
        success: whether it was valid and worked.
        feedback: the environment's, in words.
        progress: share of the task's goals that hold after it.
        frame: JPEG in base64 of the state after it; empty where the episode is not filmed.
    """

    action: int | list[int]
    name: str
    success: bool
    feedback: str
    progress: float
    frame: str = ""


@dataclass(frozen=True)
class Call:
    """One question to the agent, its answer, and what was executed of it.

    Attributes:
        planned: the actions of its plan.
        thoughts: what the agent said beside it.
        answer: as it came, cut to 20 000 characters.
        error: why there is no plan.
        steps: what was executed.
        latency_s: time until it answered.
        tokens_in, tokens_out: that a language model read and wrote.
        cost: in US dollars, where prices are known.
    """

    planned: list[int | list[int]] = field(default_factory=list)
    thoughts: dict[str, str] = field(default_factory=dict)
    answer: str = ""
    error: str = ""
    steps: tuple[Step, ...] = ()
    latency_s: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None


@dataclass(frozen=True)
class EpisodeRecord:
    """One episode.

    Attributes:
        task, suite, subset, world, day, instruction: of the task.
        seed: of what the task does not determine.
        success: whether all goals held at the end.
        progress: share of them that did.
        env_steps: actions that the environment counted.
        invalid_actions: of these, the invalid ones.
        ended: ``success``, ``steps``, ``invalid actions`` or ``empty plan``.
        calls: questions to the agent, in order.
        frame: of the start; see ``Step.frame``.
    """

    task: str
    suite: str
    subset: str
    world: str
    day: int
    seed: int
    instruction: str
    success: bool
    progress: float
    env_steps: int
    invalid_actions: int
    ended: str
    calls: tuple[Call, ...]
    frame: str = ""

    @classmethod
    def of(cls, task: EmbodiedTask, seed: int, **found: Any) -> EpisodeRecord:
        """Return the record of an episode of ``task``."""
        where: dict[str, Any] = {"suite": task.suite, "subset": task.subset, "world": task.world, "day": task.day}
        return cls(task=task.id, seed=seed, instruction=task.instruction, **where, **found)

    def numbers(self) -> dict[str, Any]:
        """Return what is counted of the episode, without what depends on the clock."""
        calls = self.calls
        costs = [call.cost for call in calls if call.cost is not None]
        return {
            "success": self.success,
            "progress": self.progress,
            "planner_steps": len(calls),
            "env_steps": self.env_steps,
            "invalid_actions": self.invalid_actions,
            "invalid_ratio": self.invalid_actions / self.env_steps if self.env_steps else 0.0,
            "output_errors": sum(bool(call.error) for call in calls),
            "empty_plans": int(self.ended == "empty plan"),
            "replans": sum(bool(call.steps) and not call.steps[-1].success for call in calls[:-1]),
            "tokens_in": sum(call.tokens_in for call in calls),
            "tokens_out": sum(call.tokens_out for call in calls),
            "cost": sum(costs) if costs else None,
        }

    @property
    def latency_s(self) -> float:
        """The mean time of a call in seconds."""
        return sum(call.latency_s for call in self.calls) / max(1, len(self.calls))

    def row(self) -> dict[str, Any]:
        """Return the episode without its transcript: the same for any number of jobs."""
        kept = ("task", "suite", "subset", "world", "day", "seed", "instruction", "ended")
        return {**{name: getattr(self, name) for name in kept}, **self.numbers()}

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON; ``from_json`` inverts it."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> EpisodeRecord:
        """Rebuild a record; raises CheckpointError when ``content`` is something else."""
        try:
            calls = tuple(
                Call(**{**call, "steps": tuple(Step(**step) for step in call["steps"])}) for call in content["calls"]
            )
            return cls(**{**content, "calls": calls})
        except (TypeError, KeyError, AttributeError) as error:
            raise CheckpointError(f"This is no episode of a suite: {error}.") from error
