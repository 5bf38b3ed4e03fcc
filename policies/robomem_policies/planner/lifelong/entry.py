"""How the agent ``planner`` is made; what it needs is imported only then, as listing agents must not need it."""

from __future__ import annotations

from robomem.embodied import Agent, AgentOptions
from robomem.errors import ConfigError

__all__ = ["planner"]


def planner(options: AgentOptions) -> Agent:
    """Plans with what it remembers of earlier visits, and criticises each step of a plan before it is taken."""
    try:
        from robomem_policies.planner.lifelong.agent import LifelongPlanner
    except ImportError as error:
        needed = "pip install 'robomem[memory]'"
        raise ConfigError(f"The planner keeps its memory with {error.name}, which is missing: {needed}.") from error
    return LifelongPlanner(options)
