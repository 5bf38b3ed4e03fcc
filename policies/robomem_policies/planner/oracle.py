"""The ceiling of a suite: an agent that knows what an agent cannot know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robomem.embodied import Action, AgentOptions, Plan, Reply, Situation, SkillEnv
from robomem.errors import ConfigError

__all__ = ["OracleAgent"]


class OracleAgent:
    """Privileged: does the environment's own expert plan, made with hidden state. What it cannot solve is no task."""

    def __init__(self, options: AgentOptions) -> None:
        self._env: SkillEnv | None = None

    def attach(self, env: SkillEnv) -> None:
        """Meet the environment; see ``robomem.embodied.Privileged``."""
        self._env = env

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Begin an episode; there is nothing to prepare."""

    def plan(self, situation: Situation) -> Reply:
        """Ask the environment."""
        if self._env is None:
            raise ConfigError("The oracle looks into the environment; it cannot plan where it is given none.")
        actions = self._env.expert_plan()
        return Reply(Plan(tuple(_action(action, situation.skills) for action in actions), {}))


def _action(action: int | list[int], skills: Any) -> Action:
    return Action(int(action), skills[action]) if isinstance(action, int) else Action(tuple(map(int, action)))
