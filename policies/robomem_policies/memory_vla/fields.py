"""Dataclasses from what a user wrote, with names that do not exist said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from robomem.errors import ConfigError, suggest
from robomem_policies.memory_vla.expert import ExpertConfig

__all__ = ["expert_config"]


def expert_config(given: Mapping[str, Any]) -> ExpertConfig:
    """Return the action expert's configuration; raises ConfigError for a field that does not exist."""
    known = [field.name for field in fields(ExpertConfig)]
    for name in given:
        if name not in known:
            raise ConfigError(f"expert_kwargs: the action expert has no {name!r}. {suggest(name, known)}")
    return ExpertConfig(**given)
