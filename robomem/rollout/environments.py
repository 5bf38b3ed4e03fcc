"""Environments by name. Any installed Gymnasium id works; ours also answer to their short names."""

from __future__ import annotations

import difflib
import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import gymnasium as gym
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode

from robomem.errors import ConfigError, UnknownNameError, nearest
from robomem.families import families, find
from robomem.registry import load_plugins

__all__ = ["Autoreset", "environment_names", "make_vector", "resolve"]

NAMESPACE = "robomem/"
Autoreset: TypeAlias = Literal["disabled", "same_step", "next_step"]
_MODES = {
    "disabled": AutoresetMode.DISABLED,
    "same_step": AutoresetMode.SAME_STEP,
    "next_step": AutoresetMode.NEXT_STEP,
}


def environment_names() -> dict[str, str]:
    """Return short name -> id of our environments, e.g. ``recall-reach`` -> ``robomem/RecallReach-v0`` (newest)."""
    load_plugins()
    ours = [spec for name, spec in gym.registry.items() if name.startswith(NAMESPACE)]
    return {_kebab(spec.name): spec.id for spec in sorted(ours, key=lambda spec: (spec.name, spec.version or 0))}


def resolve(name: str) -> str:
    """Return the Gymnasium id that ``name`` stands for.

    Args:
        name: a short name of ours (``recall-reach``), any registered id (``CartPole-v1``), or an id of a family
            (``popgym/RepeatPreviousEasy-v0``), which is registered by this.

    Raises:
        UnknownNameError: none of them; the message suggests the nearest names.
        ConfigError: the package of a family is missing; the message says how to get it.
    """
    names = environment_names()
    if name in gym.registry:
        return name
    if name in names:
        return names[name]
    family = find(name)
    if family is not None:
        return family.resolve(name)
    close = difflib.get_close_matches(name, gym.registry, n=2, cutoff=0.8)
    namespace, slash, rest = name.partition("/")
    close += [f"{family}/{rest}" for family in nearest(namespace, families, 1) if slash]
    others = ", ".join(f"{family}/…" for family in families)
    hint = "Any installed Gymnasium id works too" + (f", and these families: {others}." if others else ".")
    raise UnknownNameError("environment", name, [*names, *close], hint)


def make_vector(
    env_id: str, num_envs: int, *, autoreset: Autoreset = "disabled", **env_kwargs: Any
) -> gym.vector.VectorEnv[Any, Any, Any]:
    """Make ``num_envs`` copies of an environment that step together.

    The id's own batched implementation is used where it has one that takes an autoreset mode, and gymnasium's
    SyncVectorEnv otherwise or when frames are wanted (``render_mode``).

    Args:
        env_id: a short name of ours or any Gymnasium id.
        num_envs: how many.
        autoreset: what happens at an episode's end: nothing until ``reset`` with a ``reset_mask`` (``disabled``), a
            reset within the same step (``same_step``) or with the next one (``next_step``).
        env_kwargs: arguments of the environment.

    Raises:
        UnknownNameError: no such environment.
        ConfigError: the environment does not take ``env_kwargs``, or ``num_envs`` is not positive.
    """
    if num_envs < 1:
        raise ConfigError(f"num_envs is {num_envs}; it takes at least one environment.")
    spec = gym.spec(resolve(env_id))
    mode = _MODES[autoreset]
    try:
        if env_kwargs.get("render_mode") is None and _takes_autoreset_mode(spec):
            return gym.make_vec(spec, num_envs, "vector_entry_point", autoreset_mode=mode, **env_kwargs)
        return gym.make_vec(spec, num_envs, "sync", vector_kwargs={"autoreset_mode": mode}, **env_kwargs)
    except TypeError as error:
        raise ConfigError(f"{spec.id} refused its arguments {env_kwargs}: {error}{_accepted(spec)}") from error


def _takes_autoreset_mode(spec: EnvSpec) -> bool:
    if spec.vector_entry_point is None:
        return False
    parameters = _parameters(spec.vector_entry_point)
    kinds = {parameter.kind for parameter in parameters.values()}
    return "autoreset_mode" in parameters or inspect.Parameter.VAR_KEYWORD in kinds


def _accepted(spec: EnvSpec) -> str:
    names = [name for name in _parameters(spec.entry_point) if name not in {"self", "kwargs", "args"}]
    return f" It takes: {', '.join(names)}." if names else ""


def _parameters(entry_point: Callable[..., Any] | str | None) -> Mapping[str, inspect.Parameter]:
    if entry_point is None:
        return {}
    if isinstance(entry_point, str):
        module, _, attribute = entry_point.partition(":")
        return inspect.signature(getattr(importlib.import_module(module), attribute)).parameters
    return inspect.signature(entry_point).parameters


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
