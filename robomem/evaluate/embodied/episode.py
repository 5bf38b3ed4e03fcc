"""One episode of a suite, by the protocol of EmbodiedBench (Yang et al. 2025, arXiv 2502.09560).

The agent is asked for a plan, its actions are executed in order, and it is asked again after the first invalid action
or when the plan is used up. An answer that holds no plan counts as one invalid action; an empty plan ends the episode.
Where actions are numbers and not skills (the original's manipulation), an invalid action does not break the plan off,
and an answer that holds no plan is a random action.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.embodied import Action, Agent, EmbodiedTask, Executed, Privileged, Reply, Situation, SkillEnv
from robomem.errors import EnvironmentFault, RobomemError
from robomem.evaluate.embodied.record import Call, EpisodeRecord, Step
from robomem.seeding import generator

__all__ = ["play_episode"]

KEPT_CHARACTERS = 20_000
FRAME_PIXELS = 320
NO_PLAN = -1


def play_episode(
    env: SkillEnv, agent: Agent, task: EmbodiedTask, *, seed: int, facts: Mapping[str, Any], film: bool = False
) -> EpisodeRecord:
    """Play one episode.

    Args:
        env: of the task's suite.
        agent: who plans.
        task: what is to be done.
        seed: of what the task does not determine, and of what the agent draws.
        facts: of the protocol, for the agent.
        film: keep a picture after every step.

    Returns:
        the record. It is a function of the arguments but for ``latency_s``, if the agent's answers are.

    Raises:
        EnvironmentFault: the environment failed; the message names the task.
    """
    return _Episode(env, agent, task, seed, film).run(facts)


class _Episode:
    def __init__(self, env: SkillEnv, agent: Agent, task: EmbodiedTask, seed: int, film: bool) -> None:
        self.env, self.agent, self.task, self.seed, self.film = env, agent, task, seed, film
        self.history: list[Executed] = []
        self.ended = ""
        try:
            self.observation, self.info = env.reset(seed=seed, options={"task": task})
        except RobomemError:
            raise
        except Exception as error:
            raise self._fault(error) from error

    def run(self, facts: Mapping[str, Any]) -> EpisodeRecord:
        if isinstance(self.agent, Privileged):
            self.agent.attach(self.env)
        self.agent.begin(self.task.world, self.seed, facts)
        frame, calls = self._frame(), []
        while not self.ended:
            calls.append(self._ask())
        return EpisodeRecord.of(
            self.task,
            self.seed,
            success=bool(self.info["task_success"]),
            progress=self._progress(),
            env_steps=int(self.info["env_step"]),
            invalid_actions=int(self.info["invalid_actions"]),
            ended=self.ended,
            calls=tuple(calls),
            frame=frame,
        )

    def _ask(self) -> Call:
        situation = Situation(
            self.task.instruction,
            tuple(self.env.skills),
            self.env.action_space,
            self.observation,
            tuple(self.history),
            self.env.max_steps - len(self.history),
        )
        begin = time.perf_counter()
        reply = self.agent.plan(situation)
        latency = time.perf_counter() - begin
        steps = self._execute(reply)
        plan = reply.plan
        return Call(
            planned=[_plain(action.id) for action in plan.actions] if plan else [],
            thoughts={name: text[:KEPT_CHARACTERS] for name, text in plan.thoughts.items()} if plan else {},
            answer=reply.text[:KEPT_CHARACTERS],
            error=reply.error if plan else reply.error or "no plan",
            steps=tuple(steps),
            latency_s=round(latency, 6),
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost=reply.cost,
        )

    def _execute(self, reply: Reply) -> list[Step]:
        if reply.plan is None:
            return [self._step(Action(NO_PLAN), f"Your answer held no plan: {reply.error or 'nothing to read'}")]
        if not reply.plan.actions:
            self.ended = "empty plan"
        steps = []
        for action in reply.plan.actions:
            steps.append(self._step(action))
            if self.ended or (self.env.skills and not steps[-1].success):
                break
        return steps

    def _step(self, action: Action, complaint: str = "") -> Step:
        chosen = self._executable(action)
        try:
            self.observation, _, terminated, truncated, self.info = self.env.step(chosen)
        except RobomemError:
            raise
        except Exception as error:
            raise self._fault(error) from error
        success, feedback = bool(self.info["last_action_success"]), str(self.info["env_feedback"])
        if complaint:
            feedback = f"{complaint} {feedback}".strip()
        self.history.append(Executed(action, success, feedback))
        if self.info["task_success"]:
            self.ended = "success"
        elif terminated or truncated or len(self.history) >= self.env.max_steps:
            over = self.info["invalid_actions"] >= self.env.max_invalid
            self.ended = "invalid actions" if over else "steps"
        name = str(self.info.get("action_description", action.name))
        return Step(_plain(action.id), name, success, feedback, self._progress(), self._frame())

    def _progress(self) -> float:
        progress = float(self.info["task_progress"])
        if not 0 <= progress <= 1:
            raise self._fault(ValueError(f"task_progress is {progress}, not within 0 and 1"))
        return progress

    def _executable(self, action: Action) -> int | npt.NDArray[np.int64]:
        """Return ``action`` in a form that the environment takes; what it cannot be becomes an invalid one."""
        space = self.env.action_space
        if not isinstance(space, gym.spaces.MultiDiscrete):
            return action.id if isinstance(action.id, int) and abs(action.id) < 2**31 else NO_PLAN
        numbers = action.id if isinstance(action.id, tuple) else ()
        if len(numbers) == space.nvec.size and all(abs(number) < 2**31 for number in numbers):
            return np.array(numbers, np.int64)
        draw = generator(self.seed, "unusable answer", len(self.history))
        return (space.start + np.floor(draw.random(space.nvec.shape) * space.nvec)).astype(np.int64)

    def _frame(self) -> str:
        if not self.film:
            return ""
        import imageio.v3 as iio

        picture = np.asarray(self.env.render(), np.uint8)
        stride = max(1, -(-max(picture.shape[:2]) // FRAME_PIXELS))
        content = iio.imwrite("<bytes>", np.ascontiguousarray(picture[::stride, ::stride]), extension=".jpg")
        return base64.b64encode(content).decode()

    def _fault(self, error: Exception) -> EnvironmentFault:
        return EnvironmentFault(
            f"The environment of {self.task.suite} failed in task {self.task.id}, seed {self.seed}, after "
            f"{len(self.history)} steps: {type(error).__name__}: {error}"
        )


def _plain(action: int | tuple[int, ...]) -> int | list[int]:
    return action if isinstance(action, int) else list(action)
