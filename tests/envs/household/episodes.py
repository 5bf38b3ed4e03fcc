"""Tasks in a symbolic home, and agents that play them."""

from __future__ import annotations

from typing import Any

import numpy as np
from symbolic_home import SymbolicHome

from robomem.embodied import AgentOptions, EmbodiedTask, Executed, Situation
from robomem_envs.household.environment import HouseholdEnv, RearrangeEnv
from robomem_policies.planner.rules.agent import RulesAgent

ENVIRONMENTS = {"household": HouseholdEnv, "rearrange": RearrangeEnv}
WORLD = "apartment-1"


def task(
    *goals: dict[str, Any], suite: str = "household", world: str = WORLD, seed: int = 3, **more: Any
) -> EmbodiedTask:
    instruction = more.pop("instruction", "Do it.")
    return EmbodiedTask("a-task", suite, "base", world, seed, instruction, goals, **more)


def world_of(one: EmbodiedTask, **options: Any):
    return ENVIRONMENTS[one.suite](home=SymbolicHome, task=one, **options)


def do(env, *skills: str) -> dict[str, Any]:
    """Carry skills out by name; return what the last one told."""
    for skill in skills:
        *_, info = env.step(env.skills.index(skill))
    return info


def follow(env, one: EmbodiedTask, ask) -> dict[str, Any]:
    """Play an episode as the protocol has it: do a plan until an action fails, then ask again."""
    _, info = env.reset(options={"task": one})
    while True:
        plan = ask(env)
        if not plan:
            return info
        for action in plan:
            _, _, terminated, truncated, info = env.step(action)
            if terminated or truncated:
                return info
            if not info["last_action_success"]:
                break


def oracle(env, one: EmbodiedTask) -> dict[str, Any]:
    return follow(env, one, lambda env: env.expert_plan())


def by_chance(env, one: EmbodiedTask, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return follow(env, one, lambda env: [int(rng.integers(len(env.skills)))])


def by_rules(env, one: EmbodiedTask, agent: RulesAgent | None = None) -> tuple[dict[str, Any], list[Executed]]:
    agent = agent or RulesAgent(AgentOptions())
    observation, info = env.reset(options={"task": one})
    agent.begin(one.world, one.seed, {"day": one.day})
    history: list[Executed] = []
    while True:
        left = env.max_steps - info["env_step"]
        situation = Situation(one.instruction, env.skills, env.action_space, observation, tuple(history), left)
        plan = agent.plan(situation).plan
        if plan is None or not plan.actions:
            return info, history
        for action in plan.actions:
            observation, _, terminated, truncated, info = env.step(action.id)
            history.append(Executed(action, bool(info["last_action_success"]), info["env_feedback"]))
            if terminated or truncated:
                return info, history
            if not history[-1].success:
                break
