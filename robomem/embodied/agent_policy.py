"""An agent that plans, as a policy: ``robomem.policy`` saves, loads and evaluates it like any other."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem import spaces
from robomem.embodied.agent import Agent, AgentOptions, Executed, Privileged, Situation, agents
from robomem.embodied.plan import Action
from robomem.embodied.suite_env import GIVE_UP, SKILLS
from robomem.embodied.words import WORDS, from_words, to_words
from robomem.errors import ConfigError, SpaceError
from robomem.policy import as_batch
from robomem.types import Observation, PolicyState

__all__ = ["AgentPolicy"]

_FEEDBACK = 1_000


class AgentPolicy:
    """Plays the suites as ``robomem/Suite-v0`` gives them, by EmbodiedBench's protocol.

    The explicit state holds what the protocol knows of an episode: its seed, what was done with what feedback, and the
    rest of the plan. Two things are outside of it. What an agent learns for later episodes is in its memory: a database
    if its options name one (``path``), else it is gone with the agent. What an agent thinks in the midst of an episode
    is with the agent, which this object keeps for as many episodes at once as the largest batch it has seen. A state
    whose agent is gone, because another process or another episode took its place, goes on with an agent that begins
    with the present observation, the history and the memory. Rows of one batch that visit the same world of one
    database share what they learn there.

    Args:
        agent: its name in ``robomem.embodied.agents``.
        options: of the agent.
        observation_space, action_space: of ``robomem/Suite-v0``.

    Raises:
        UnknownNameError: there is no such agent.
        SpaceError: the spaces are those of something else.
    """

    kind: ClassVar[str] = "planner"

    def __init__(
        self,
        agent: str,
        options: AgentOptions,
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> None:
        parts = observation_space.spaces if isinstance(observation_space, gym.spaces.Dict) else {}
        if "words" not in parts or not isinstance(action_space, gym.spaces.Discrete) or action_space.n != GIVE_UP + 1:
            raise SpaceError("A planner plays what is told in words and done with skills: robomem/Suite-v0.")
        self.agent, self.options, self._make = agent, options, agents[agent]
        self.observation_space, self.action_space = observation_space, action_space
        self._heads: OrderedDict[int, Agent] = OrderedDict()
        self._most = 1

    def initial_state(self, batch: int, seeds: npt.ArrayLike | None = None) -> dict[str, npt.NDArray[Any]]:
        """Return what ``predict`` starts from; ``seeds`` [B] are handed to the agents, row numbers if None."""
        given = np.asarray(np.arange(batch) if seeds is None else seeds, np.int64)
        return {
            "episode": np.full(batch, -1, np.int64),
            "seed": np.broadcast_to(given, (batch,)).copy(),
            "so_far": np.zeros((batch, WORDS), np.uint8),
        }

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[npt.NDArray[np.int64], dict[str, npt.NDArray[Any]]]:
        """Choose skills; see ``robomem.policy.Policy``. ``deterministic`` changes nothing: the agent decides."""
        batched = spaces.leading_axis(observation, self.observation_space)
        assert isinstance(observation, Mapping)  # the line above has seen to it
        rows = {name: np.asarray(part) if batched else np.asarray(part)[None] for name, part in observation.items()}
        batch = len(rows["words"])
        starts = as_batch(episode_start, batch, state is None)
        given = self.initial_state(batch) if state is None else state
        after = {name: array.copy() for name, array in given.items()}
        starts |= after["episode"] < 0
        self._most = max(self._most, batch)
        for row in np.flatnonzero(~starts).tolist():  # so that the least recently asked is of an episode that is over
            if (number := int(after["episode"][row])) in self._heads:
                self._heads.move_to_end(number)
        chosen = np.zeros(batch, np.int64)
        for row in range(batch):
            seen = {name: part[row] for name, part in rows.items()}
            told = from_words(seen.pop("words"))
            so_far = _SoFar() if starts[row] else _SoFar.read(after["so_far"][row])
            number = secrets.randbits(62) if starts[row] else int(after["episode"][row])
            so_far.hear(told)
            if not so_far.plan and not so_far.over:
                self._ask(self._head(number, told, int(after["seed"][row])), told, seen, so_far)
            chosen[row] = so_far.next(len(told["skills"]))
            after["episode"][row], after["so_far"][row] = number, to_words(asdict(so_far))
        return (chosen if batched else chosen[0]), after

    def _head(self, number: int, told: Mapping[str, Any], seed: int) -> Agent:
        """Return the agent of an episode: the one that began it, else one that begins now."""
        if number in self._heads:
            return self._heads[number]
        if len(self._heads) < self._most:
            agent = self._make(self.options)
            if isinstance(agent, Privileged):
                raise ConfigError(f"{self.agent} looks into the environment; a policy has observations alone.")
        else:
            _, agent = self._heads.popitem(last=False)
        agent.begin(told["world"], seed, {"day": int(told["day"])})
        self._heads[number] = agent
        return agent

    def _ask(self, agent: Agent, told: Mapping[str, Any], seen: Mapping[str, Any], so_far: _SoFar) -> None:
        scene = {"scene": told["scene"]} if "scene" in told else {}
        skills = tuple(told["skills"])
        history = tuple(Executed(Action(number, name), *came) for number, name, *came in so_far.history)
        reply = agent.plan(
            Situation(
                told["instruction"],
                skills,
                gym.spaces.Discrete(max(1, len(skills))),
                {**seen, **scene},
                history,
                int(told["steps_left"]),
            )
        )
        if reply.plan is None:
            so_far.plan = [[-1, ""]]  # an answer that holds no plan counts as one invalid action
        else:
            so_far.over = not reply.plan.actions
            so_far.plan = [[each.id if isinstance(each.id, int) else -1, each.name] for each in reply.plan.actions]

    def config(self) -> dict[str, Any]:
        """Return the agent's name and its options."""
        return {"agent": self.agent, "options": {**asdict(self.options), "extra": dict(self.options.extra)}}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return nothing: what an agent has learnt is in its database, or in its language model."""
        return {}

    @classmethod
    def restore(
        cls,
        config: Mapping[str, Any],
        arrays: Mapping[str, npt.NDArray[Any]],
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> AgentPolicy:
        """Rebuild what was saved."""
        return cls(config["agent"], AgentOptions(**config["options"]), observation_space, action_space)


@dataclass
class _SoFar:
    """An episode so far, as it lies in the state.

    Attributes:
        history: of each action its id, its name, whether it worked and the feedback.
        plan: ids and names of the actions that are still to be taken.
        acting: the one that is being taken.
        over: whether the agent has given up.
    """

    history: list[list[Any]] = field(default_factory=list)
    plan: list[list[Any]] = field(default_factory=list)
    acting: list[Any] = field(default_factory=list)
    over: bool = False

    @classmethod
    def read(cls, array: npt.NDArray[np.uint8]) -> _SoFar:
        try:
            return cls(**from_words(array))
        except TypeError as error:
            raise SpaceError(f"This state is of another policy: {error}.") from error

    def hear(self, told: Mapping[str, Any]) -> None:
        """Learn what came of the last action; a failure breaks the plan off."""
        if self.acting and "worked" in told:
            self.history.append([*self.acting, told["worked"], told["feedback"][:_FEEDBACK]])
            self.plan = self.plan if told["worked"] else []
        self.acting = []

    def next(self, skills: int) -> int:
        """Take the next action of the plan, as the environment numbers it; what does not exist is an invalid one."""
        if self.over:
            return GIVE_UP
        self.acting, self.plan = self.plan[0], self.plan[1:]
        number = self.acting[0]
        return number if 0 <= number < skills else min(skills, SKILLS - 1)
