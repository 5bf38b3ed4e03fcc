"""What the agent ``planner`` can be told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from robomem.embodied import AgentOptions
from robomem.errors import ConfigError, suggest
from robomem.lifelong.modules import MODULES
from robomem_policies.planner.vlm.agent import VlmOptions

__all__ = ["MEMORIES", "PlannerOptions"]

MEMORIES = ("full", "none", *(f"-{name}" for name in MODULES), "-critic")


@dataclass(frozen=True)
class PlannerOptions:
    """Options of the agent: ``--memory``, and ``--agent-kwargs NAME=VALUE``.

    Attributes:
        without: memories that are left out; None to remember nothing at all.
        critic: whether each action of a plan after its first is criticised before it is taken.
        path: of the database, which is kept; by default one that is gone with the agent.
        encoder: of text; see ``robomem.text``.
        deadline_s: that a language model gets for an answer; then rules decide.
        model: options of the language model, as the agent ``vlm`` has them.
    """

    without: tuple[str, ...] | None = ()
    critic: bool = True
    path: str = ""
    encoder: str = "minilm"
    deadline_s: float = 30.0
    model: VlmOptions = field(default_factory=VlmOptions)

    @classmethod
    def of(cls, options: AgentOptions) -> PlannerOptions:
        """Read the options; raises ConfigError for one that does not exist or cannot be."""
        own = {name: options.extra[name] for name in ("path", "encoder", "deadline_s") if name in options.extra}
        rest = {name: value for name, value in options.extra.items() if name not in own}
        known = [*(one.name for one in fields(VlmOptions)), "path", "encoder", "deadline_s"]
        for name in rest:
            if name not in known:
                raise ConfigError(f"The planner has no option {name!r}. {suggest(name, known)}")
        deadline = own.get("deadline_s", cls.deadline_s)
        if isinstance(deadline, bool) or not isinstance(deadline, int | float) or not 0 < deadline < 1e6:
            raise ConfigError(f"deadline_s must be a number of seconds above 0, not {deadline!r}.")
        for name in ("path", "encoder"):
            if not isinstance(own.get(name, "?"), str) or not own.get(name, "?"):
                raise ConfigError(f"{name} must be a text, not {own[name]!r}.")
        # a model that is late is not asked again: the rules have decided by then
        model = VlmOptions.of({"timeout_s": float(deadline), "retries": 0, **rest})
        return cls(**_memory(options.memory), **own, model=model)


def _memory(asked: str | None) -> Mapping[str, Any]:
    """Understand ``full``, ``none`` or ``-NAME`` (several: ``-spatial-critic``)."""
    if asked in (None, "full"):
        return {}
    if asked == "none":
        return {"without": None}
    parts = re.findall(r"-[a-z]+", str(asked))
    if not parts or "".join(parts) != asked or not set(parts) <= set(MEMORIES):
        raise ConfigError(
            f"--memory {asked!r} cannot be: it is one of {', '.join(MEMORIES)}, or several of those with a dash, "
            "as in --memory=-spatial-critic."
        )
    left_out = tuple(part[1:] for part in dict.fromkeys(parts) if part != "-critic")
    return {"without": left_out, "critic": "-critic" not in parts}
