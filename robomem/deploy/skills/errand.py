"""A task as a planning agent does it on an arm: recall, think, run a skill, tell the memory what came of it; again.

This is the slow path. It runs on a thread of its own, each part of it has a deadline, and whatever fails in it costs
plans or memories: the arm is driven by the policy node, behind its filter, and rests between skills.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import gymnasium as gym

from robomem.deploy.skills.table import Skill, SkillTable
from robomem.embodied import GIVEN_UP, Action, Agent, Executed, Reply, Situation

__all__ = ["Done", "Ended", "Errand", "Recalled", "World"]

_NO_PLANS = 3
"""Answers in a row that hold no plan, after which it is over."""


@dataclass(frozen=True)
class Recalled:
    """What the memory knows of a question.

    Attributes:
        facts: best first.
        trouble: why there may be more, or nothing.
    """

    facts: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Ended:
    """How a skill ended.

    Attributes:
        success: whether it was done.
        message: in one sentence.
        stopped: whether the arm was stopped. Then nobody moves it again unasked.
    """

    success: bool
    message: str
    stopped: bool = False


@dataclass(frozen=True)
class Done:
    """How a task ended.

    Attributes:
        success: whether it was done.
        message: in one sentence.
        skills: that were run, in order.
        degraded: what it had to do without.
    """

    success: bool
    message: str
    skills: tuple[str, ...]
    degraded: tuple[str, ...]


class World(Protocol):
    """What an errand asks of the robot; every call returns within a deadline of its own."""

    def asked_to_end(self) -> str:
        """Return why the task is to end now, or nothing."""
        ...

    def recall(self, query: str) -> Recalled:
        """Ask the memory."""
        ...

    def run(self, skill: Skill) -> Ended:
        """Run a skill to its end."""
        ...

    def place(self) -> str:
        """Return where the hand is, empty for no known place."""
        ...

    def tell(self, skill: Skill, ended: Ended, place: str) -> str:
        """Tell the memory what was done; returns why it was not taken in, or nothing."""
        ...

    def thinks(self, skill: str, why: str, done: int) -> None:
        """Hear what is done now: a skill, none while it thinks; and why."""
        ...


@dataclass
class Errand:
    """One task.

    Args:
        agent: that plans; it sees ``scene``, JSON with the skills, what was recalled, and where the hand is.
        stand_in: that plans where the agent fails or is late.
        table: the skills.
        world: where they are run.
        most_skills: after which the task has failed.
        think_s: that the agent gets for a plan.
    """

    agent: Agent
    stand_in: Agent
    table: SkillTable
    world: World
    most_skills: int = 20
    think_s: float = 30.0
    _degraded: dict[str, None] = field(default_factory=dict, init=False)
    _history: list[Executed] = field(default_factory=list, init=False)

    def do(self, instruction: str) -> Done:
        """Do a task; what goes wrong is said in the answer, and never raised."""
        try:
            success, message = self._do(instruction)
        except Exception as error:  # an agent or a world that breaks ends its task, and not the node
            success, message = False, f"the planner failed: {type(error).__name__}: {error}"
        return Done(success, message, tuple(done.action.name for done in self._history), tuple(self._degraded))

    def _do(self, instruction: str) -> tuple[bool, str]:
        for agent in {id(each): each for each in (self.agent, self.stand_in)}.values():
            agent.begin(instruction, 0, {})
        names, no_plans = tuple(self.table.skills), 0
        while True:
            if why := self.world.asked_to_end():
                return False, why
            if len(self._history) >= self.most_skills:
                return False, f"not done after {self.most_skills} skills"
            reply = self._think(self._situation(instruction, names))
            if why := self.world.asked_to_end():  # while it was thinking
                return False, why
            if reply.plan is None:
                no_plans += 1
                if no_plans == _NO_PLANS:
                    return False, f"no plan: {reply.error or reply.text}"
                continue
            no_plans = 0
            if not reply.plan.actions:
                said = reply.plan.thoughts.get(GIVEN_UP, "")
                worked = bool(self._history) and self._history[-1].success
                return (worked and not said), said or ("done" if worked else reply.text or "the agent gave up")
            why = next((thought for thought in reply.plan.thoughts.values() if thought), "")
            for action in reply.plan.actions[: self.most_skills - len(self._history)]:
                ended = self._run(action, names, why)
                if ended.stopped:
                    return False, f"the arm stays where it is: {ended.message}"
                if not ended.success or self.world.asked_to_end():
                    break

    def _situation(self, instruction: str, names: tuple[str, ...]) -> Situation:
        recalled = self.world.recall(instruction)
        if recalled.trouble:
            self._degrade(f"memory: {recalled.trouble}")
        scene = {
            "at": self.world.place(),
            "skills": self.table.described(),
            "recalled": list(recalled.facts),
            "memory": recalled.trouble,
        }
        left = self.most_skills - len(self._history)
        seen = {"scene": json.dumps(scene, ensure_ascii=False)}
        return Situation(instruction, names, gym.spaces.Discrete(len(names)), seen, tuple(self._history), left)

    def _think(self, situation: Situation) -> Reply:
        """Ask the agent, and the one who stands in where it fails; once it was late it is not asked again."""
        self.world.thinks("", "thinking", len(self._history))
        if self.agent is not self.stand_in:
            answer = within(lambda: self.agent.plan(situation), self.think_s)
            if isinstance(answer, Reply) and answer.plan is not None:
                return answer
            if answer is None:
                self._degrade(f"agent: no plan within {self.think_s:g} s, rules decide from here on")
                self.agent = self.stand_in
            else:
                why = answer.error if isinstance(answer, Reply) else f"{type(answer).__name__}: {answer}"
                self._degrade(f"agent: {' '.join(why.split())[:200]}; rules decided")
        return self.stand_in.plan(situation)

    def _run(self, action: Action, names: tuple[str, ...], why: str) -> Ended:
        number = action.id if isinstance(action.id, int) else -1
        if not 0 <= number < len(names):
            ended = Ended(False, f"there is no skill {action.id}: ids go from 0 to {len(names) - 1}")
            self._history.append(Executed(action, False, ended.message))
            return ended
        skill = self.table.skills[names[number]]
        self.world.thinks(skill.name, why, len(self._history))
        ended = self.world.run(skill)
        place = self.world.place()
        self._history.append(Executed(Action(number, skill.name), ended.success, ended.message))
        if trouble := self.world.tell(skill, ended, place):
            self._degrade(f"memory: {trouble}")
        return ended

    def _degrade(self, what: str) -> None:
        self._degraded[what] = None  # each is said once


def within(call: Callable[[], object], seconds: float) -> object:
    """Return what a call returned, or the error it raised; None where it is not back in time, and goes on alone."""
    answer: queue.SimpleQueue[object] = queue.SimpleQueue()

    def work() -> None:
        try:
            answer.put(call())
        except Exception as error:
            answer.put(error)

    threading.Thread(target=work, name="agent", daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except queue.Empty:
        return None
