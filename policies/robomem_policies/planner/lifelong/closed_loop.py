"""Algorithm 1 of RoboMemory (arXiv 2508.01415): plan, and criticise each action but the first before it is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from robomem.embodied import Action
from robomem_policies.planner.lifelong.by_model import ModelRoles
from robomem_policies.planner.lifelong.by_rules import step_of
from robomem_policies.planner.lifelong.episode import Episode
from robomem_policies.planner.lifelong.roles import Outlook, Verdict
from robomem_policies.planner.lifelong.stand_in import StandIn

__all__ = ["ClosedLoop", "Decision"]


@dataclass(frozen=True)
class Decision:
    """What is done next.

    Attributes:
        action: None to give up.
        why: in words.
        planned: whether a plan was made for it, rather than the last one gone on with.
    """

    action: Action | None
    why: str
    planned: bool = False


class ClosedLoop:
    """Decides on one action at a time.

    Args:
        stand_in: that asks the model, or rules.
        model: that plans and criticises; None for rules.
        critic: whether there is one.
    """

    def __init__(self, stand_in: StandIn, model: ModelRoles | None, critic: bool) -> None:
        self._stand_in, self._model, self._critic = stand_in, model, critic

    def next(self, episode: Episode, outlook: Outlook) -> Decision:
        """Return the next action: of the plan, if the critic still thinks it suitable, else of a new one.

        The first action of a plan is exempt from criticism, so that every plan takes at least one step. An action that
        has been taken three times in the same state is refused in code: the plan is made anew with the loop stated, and
        if that leads to a loop too, the agent gives up.
        """
        if outlook.situation.steps_left <= 0:
            return Decision(None, "No steps are left.")
        if episode.plan and not episode.fresh and self._critic:
            verdict = self._judge(episode, outlook)
            if not verdict.suitable:
                episode.break_off(f"I do not “{episode.plan[0].name}” as planned: {verdict.why}")
        why, planned = "as planned", False
        for _ in range(2):
            if not episode.plan:
                why, planned = self._plan(episode, outlook), True
                if not episode.plan:
                    return Decision(None, why, planned)
            action = episode.plan[0]
            if not episode.guard.stops(int(action.id), outlook.scene):  # type: ignore[arg-type]
                episode.plan, episode.fresh = episode.plan[1:], False
                return Decision(action, why, planned)
            step = step_of(action, episode.beliefs)
            if step is not None:
                episode.planner.failed(step, times=3)
            episode.break_off(f"“{action.name}” was done here again and again, and nothing changed: do something else")
        return Decision(None, f"I am going round in circles: “{action.name}” leads nowhere.", planned)

    def _plan(self, episode: Episode, outlook: Outlook) -> str:
        """Make a plan, no longer than there are steps left, and return why."""
        now, model = replace(outlook, notices=tuple(episode.notices)), self._model
        models: dict[str, Callable[[], Any]] = {} if model is None else {"planner": lambda: model.plan(now)}
        proposal = self._stand_in.ask(models, {"planner": lambda: episode.planner.plan(now)})["planner"]
        episode.plan, episode.fresh = list(proposal.actions[: outlook.situation.steps_left]), True
        return str(proposal.why)

    def _judge(self, episode: Episode, outlook: Outlook) -> Verdict:
        action, model = episode.plan[0], self._model
        models: dict[str, Callable[[], Any]] = {} if model is None else {"critic": lambda: model.judge(action, outlook)}
        rules: dict[str, Callable[[], Any]] = {"critic": lambda: episode.critic.judge(action, outlook)}
        verdict: Verdict = self._stand_in.ask(models, rules)["critic"]
        return verdict
