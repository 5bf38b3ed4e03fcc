"""Which episode a request belongs to, and the agent that plays it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import gymnasium as gym

from robomem.embodied import Agent, AgentOptions, Reply, Situation
from robomem.serve.request import PlanRequest

__all__ = ["Conversations"]

KEPT = 64
MAX_STEPS = 30
_EMPTY_SCENE = json.dumps({"room": "", "at": "", "holding": "", "step": 0, "fixtures": [], "objects": []})


class Conversations:
    """One agent for each task that is being asked about.

    A request says what was done so far, so it says whether an episode begins: it does when nothing was done. Requests
    about one task share an agent, so that what it remembers of the episode is there; the 64 latest are kept.

    Args:
        make_agent: makes an agent.
        options: with which it is made.
    """

    def __init__(self, make_agent: Callable[[AgentOptions], Agent], options: AgentOptions) -> None:
        self._make, self._options = make_agent, options
        self._agents: OrderedDict[str, Agent] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, request: PlanRequest) -> Reply:
        """Ask the agent; one request at a time, since agents are no more parallel than robots."""
        with self._lock:
            key = hashlib.sha256(json.dumps([request.instruction, request.skills]).encode()).hexdigest()
            agent = self._agents.pop(key, None)
            if agent is None or not request.history:
                agent = agent or self._make(self._options)
                agent.begin("embodiedbench", 0, {"suite": "embodiedbench", "day": 0})
            self._agents[key] = agent
            while len(self._agents) > KEPT:
                self._agents.popitem(last=False)
            return agent.plan(_situation(request))


def _situation(request: PlanRequest) -> Situation:
    observation: dict[str, Any] = {"scene": request.scene or _EMPTY_SCENE}
    if request.picture is not None:
        observation["rgb"] = request.picture
    return Situation(
        request.instruction,
        request.skills,
        gym.spaces.Discrete(len(request.skills)),
        observation,
        request.history,
        max(1, MAX_STEPS - len(request.history)),
    )
