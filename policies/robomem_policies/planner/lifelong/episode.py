"""What the planner keeps during one episode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from robomem.embodied import Action, Executed, Situation
from robomem.lifelong.attempts import ActionTaken
from robomem_policies.planner.lifelong.by_rules import RuleCritic, RulePlanner, step_of
from robomem_policies.planner.lifelong.guard import LoopGuard
from robomem_policies.planner.lifelong.recalling import put_down_at
from robomem_policies.planner.lifelong.session import Trial
from robomem_policies.planner.rules.beliefs import Beliefs
from robomem_policies.planner.rules.course import Course

__all__ = ["Episode"]

MOST_INVALID = 10


@dataclass
class Episode:
    """One task, from its first observation on.

    Attributes:
        task: the instruction, with the place in words where it left it to what was told before.
        beliefs: of the home.
        course: of the rules.
        trial: what will be remembered.
        planner, critic: that play by rules.
        guard: against loops.
        plan: actions still to be taken.
        fresh: whether the first of them is the first of its plan, and so exempt from criticism.
        notices: why the last plan was broken off, and what was understood.
        heard: how much of the history has been taken in.
    """

    task: str
    beliefs: Beliefs
    course: Course
    trial: Trial
    guard: LoopGuard = field(default_factory=LoopGuard)
    plan: list[Action] = field(default_factory=list)
    fresh: bool = True
    notices: list[str] = field(default_factory=list)
    heard: int = 0

    def __post_init__(self) -> None:
        self.planner = RulePlanner(self.course, self.beliefs)
        self.critic = RuleCritic(self.course, self.beliefs)

    def hear(self, history: tuple[Executed, ...]) -> Executed | None:
        """Learn what came of the last action, and return it; a failure breaks the plan off."""
        for done in history[self.heard :]:
            if self.trial.actions and self.trial.actions[-1].success is None:
                said = self.trial.actions.pop()
                self.trial.actions.append(ActionTaken(said.action, done.success, " ".join(done.feedback.split())[:500]))
            if not done.success:
                step = step_of(done.action, self.beliefs)
                if step is not None:
                    self.planner.failed(step)
                self.break_off(f"“{done.action.name}” failed: {' '.join(done.feedback.split())[:300]}")
        self.heard = len(history)
        return history[-1] if history else None

    def break_off(self, why: str) -> None:
        """Drop what is left of the plan."""
        self.plan, self.fresh = [], True
        self.notices.append(why)

    def take(self, action: Action, situation: Situation, scene: Mapping[str, Any]) -> None:
        """Note that an action is taken now.

        If nothing more is heard, the suite ended the episode after it: because the task was done, or because the steps
        or the patience with invalid actions were used up. The agent is not told which, but it can count.
        """
        self.guard.take(int(action.id), scene)  # type: ignore[arg-type]
        self.trial.actions.append(ActionTaken(put_down_at(action.name, self.beliefs.at)))
        failures = sum(not done.success for done in situation.history)
        over = situation.steps_left <= 1 or failures >= MOST_INVALID - 1
        self.trial.outcome = "failure" if over else "success"
        self.trial.why = "no steps were left, or too many actions had failed" if over else ""

    def give_up(self, why: str) -> None:
        """Note that it ends here without success."""
        self.trial.outcome, self.trial.why = "failure", why
