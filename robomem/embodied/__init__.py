"""Tasks told in words and done with skills: what a suite, a task, a plan and an agent are. No simulator here.

The protocol is that of EmbodiedBench (Yang et al. 2025, arXiv 2502.09560): an agent is told an instruction and the
actions that exist, sees one observation, answers with a plan of several actions, and is asked again when an action is
invalid or the plan is used up.
"""

from robomem.embodied.agent import Agent, AgentOptions, Executed, Privileged, Reply, Situation, agents
from robomem.embodied.agent_policy import AgentPolicy
from robomem.embodied.embodiedbench import SCENE_KEY, EmbodiedBenchSurface
from robomem.embodied.environment import INFO_KEYS, SkillEnv
from robomem.embodied.plan import GIVEN_UP, Action, Plan, PlanError, parse_plan
from robomem.embodied.suite import Suite, TaskSource, suites
from robomem.embodied.suite_env import SuiteEnv
from robomem.embodied.task import EmbodiedTask, read_tasks, write_tasks

__all__ = [
    "GIVEN_UP",
    "INFO_KEYS",
    "SCENE_KEY",
    "Action",
    "Agent",
    "AgentOptions",
    "AgentPolicy",
    "EmbodiedBenchSurface",
    "EmbodiedTask",
    "Executed",
    "Plan",
    "PlanError",
    "Privileged",
    "Reply",
    "Situation",
    "SkillEnv",
    "Suite",
    "SuiteEnv",
    "TaskSource",
    "agents",
    "parse_plan",
    "read_tasks",
    "suites",
    "write_tasks",
]
