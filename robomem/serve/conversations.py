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
MAX_STEPS, MAX_GRIPPER_STEPS = 30, 15
"""After which EmbodiedBench ends an episode; its navigation, which says so nowhere, after 20."""
GRIPPER = (101, 101, 101, 121, 121, 121, 2)
"""Values of each integer of EB-Manipulation: x, y, z in voxels, roll, pitch, yaw in steps of 3 degrees, open or not."""


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
        self._begun = 0
        self._lock = threading.Lock()

    def answer(self, request: PlanRequest) -> Reply:
        """Ask the agent; one request at a time, since agents are no more parallel than robots."""
        with self._lock:
            key = hashlib.sha256(json.dumps([request.instruction, request.skills]).encode()).hexdigest()
            agent = self._agents.pop(key, None)
            if agent is None or not request.history:
                agent = agent or self._make(self._options)
                agent.begin("embodiedbench", self._begun, {"suite": "embodiedbench", "day": 0})
                self._begun += 1
            self._agents[key] = agent
            while len(self._agents) > KEPT:
                self._agents.popitem(last=False)
            return agent.plan(_situation(request))


def _situation(request: PlanRequest) -> Situation:
    """Return what the request tells and no more: an agent that needs a scene is not told an empty one."""
    observation: dict[str, Any] = {"scene": request.scene} if request.scene else {}
    if request.picture is not None:
        observation["rgb"] = request.picture
    space: gym.Space[Any] = gym.spaces.MultiDiscrete(list(GRIPPER))
    steps = MAX_GRIPPER_STEPS
    if request.skills:
        space, steps = gym.spaces.Discrete(len(request.skills)), MAX_STEPS
    left = max(1, steps - len(request.history))
    return Situation(request.instruction, request.skills, space, observation, request.history, left)
