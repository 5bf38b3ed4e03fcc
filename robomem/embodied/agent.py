"""Who makes the plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import gymnasium as gym

from robomem.embodied.environment import SkillEnv
from robomem.embodied.plan import Action, Plan
from robomem.registry import Registry

__all__ = ["Agent", "AgentOptions", "Executed", "Privileged", "Reply", "Situation", "agents"]


@dataclass(frozen=True)
class Executed:
    """An action that was done, and what the environment said.

    Attributes:
        action: as the agent gave it.
        success: whether it was valid and worked.
        feedback: in words.
    """

    action: Action
    success: bool
    feedback: str


@dataclass(frozen=True)
class Situation:
    """All that an agent may know when it is asked for a plan.

    Attributes:
        instruction: of the task.
        skills: the name of each action, by id; empty where actions are numbers.
        action_space: of one action.
        observation: the environment's, now.
        history: of this episode, oldest first.
        steps_left: actions until the episode is cut off.
    """

    instruction: str
    skills: Sequence[str]
    action_space: gym.Space[Any]
    observation: Mapping[str, Any]
    history: tuple[Executed, ...]
    steps_left: int


@dataclass(frozen=True)
class Reply:
    """What an agent answered.

    Attributes:
        plan: None where its answer could not be understood.
        text: the answer as it came.
        error: why there is no plan.
        tokens_in, tokens_out: that a language model read and wrote.
        cost: in US dollars, where prices are known.
    """

    plan: Plan | None
    text: str = ""
    error: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None


@runtime_checkable
class Agent(Protocol):
    """Plans one episode at a time; what it learns may outlive the episode."""

    def begin(self, world: str, seed: int, facts: Mapping[str, Any]) -> None:
        """Begin an episode.

        Args:
            world: name of the place, the same on each visit.
            seed: for whatever the agent draws.
            facts: of the protocol, e.g. ``day`` in the lifelong one.
        """
        ...

    def plan(self, situation: Situation) -> Reply:
        """Answer with what to do next."""
        ...


@runtime_checkable
class Privileged(Protocol):
    """An agent that may look into the environment itself, such as ``oracle``."""

    def attach(self, env: SkillEnv) -> None:
        """Meet the environment of the episode, before ``begin``."""
        ...


@dataclass(frozen=True)
class AgentOptions:
    """What an agent can be told when it is made.

    Attributes:
        model: name of its language model.
        base_url: of an OpenAI-compatible endpoint.
        memory: of the memory it uses.
        extra: what else.
    """

    model: str | None = None
    base_url: str | None = None
    memory: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


agents: Registry[Callable[[AgentOptions], Agent]] = Registry(
    "agent", hint="Suites are played by planning agents; trained policies play Gymnasium environments."
)
