"""Agents by name or folder, and the environment that a folder says it was trained in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robomem import policy as policies
from robomem.errors import ConfigError
from robomem.policy import Instructed, Policy
from robomem.rollout import Actor, resolve, sanity_actors
from robomem.train.process import settle

__all__ = ["Agent", "find_agent"]


@dataclass(frozen=True)
class Agent:
    """An agent and what is known about it.

    Attributes:
        actor: the policy or sanity agent.
        label: its name or folder.
        folder: where it was found; None for a sanity agent.
        info: the facts kept beside a saved policy.
    """

    actor: Policy | Actor
    label: str
    folder: Path | None
    info: Mapping[str, Any]

    def environment(self, env: str | None, env_kwargs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the id and arguments of the environment asked for, or of the one the agent was trained in.

        Raises:
            ConfigError: neither is known.
        """
        trained = self.info.get("env")
        if env is None and trained is None:
            raise ConfigError(f"{self.label} does not say where it was trained; give --env, e.g. --env recall-reach.")
        env_id = resolve(env or str(trained))
        kept = self.info.get("env_kwargs", {}) if trained and resolve(str(trained)) == env_id else {}
        return env_id, {**kept, **env_kwargs}


def find_agent(name: str, task: str = "") -> Agent:
    """Return the agent called ``name``.

    Args:
        name: random, zero, expert, one that comes pretrained, one saved in a folder, or FORMAT:ADDRESS of another
            project's, e.g. lerobot:outputs/act.
        task: what it is told to do; "" for what it was trained to.

    Raises:
        UnknownNameError: no such agent or folder.
        CheckpointError: the folder holds no policy of ours; files (.pt, .zip, .pkl) are never opened.
        ConfigError: it cannot be told anything.
    """
    path = Path(name)
    saved = path.exists() or len(path.parts) > 1 or path.suffix or name in policies.pretrained
    if not (saved or policies.is_foreign(name)):
        if task:
            raise ConfigError(f"{name} does not listen; leave --task out.")
        return Agent(sanity_actors[name](), name, None, {})
    settle()
    actor = policies.load(name)
    if task:
        if not isinstance(actor, Instructed):
            raise ConfigError(f"The {actor.kind} policy {name} is told nothing in words; leave --task out.")
        actor.instruct(task)
    return Agent(actor, name, path if path.exists() else None, policies.info(name))
