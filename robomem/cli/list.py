"""``robomem list``: what there is."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from robomem.cli.parse import parse
from robomem.errors import ConfigError, UnknownNameError
from robomem.registry import Registry

if TYPE_CHECKING:
    from robomem.families import Family

__all__ = ["List", "catalogue", "main"]


@dataclass(frozen=True)
class List:
    """Say what there is: environments, suites, agents, policies, memories and what plugins add, each in one line.

    robomem list · robomem list envs · robomem list --json
    """

    section: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[SECTION]")] = ""
    """One section alone: envs, suites, agents (that play suites), sanity-agents (that play envs), policies, …"""
    json: bool = False
    """Print JSON instead of tables."""

    def run(self) -> int:
        """Print the catalogue."""
        from rich.table import Table

        from robomem.cli.console import out

        found = catalogue(self.section or None)
        if self.json:
            out.print(json.dumps(found, indent=2), markup=False)
            return 0
        for section, entries in found.items():
            table = Table(title=section, title_justify="left", title_style="bold", show_header=False, box=None)
            table.add_column(no_wrap=True, style="cyan")
            table.add_column(overflow="fold")
            for name, description in entries.items():
                table.add_row(f"  {name}", description)
            out.print(table, soft_wrap=False)
            out.print()
        return 0


def catalogue(section: str | None = None) -> dict[str, dict[str, str]]:
    """Return section -> name -> one-line description.

    Raises:
        UnknownNameError: there is no such section.
    """
    from robomem.catalogue import sections

    known: dict[str, Callable[[], dict[str, str]]] = {
        "envs": _environments,
        "suites": _suites,
        "agents": lambda: _registered("robomem.embodied", "agents"),
        "sanity-agents": lambda: _registered("robomem.rollout.actors", "sanity_actors"),
        "policies": lambda: _registered("robomem.policy", "policies"),
        "memories": lambda: _registered("robomem.sequence.memory", "memories"),
        "memory-systems": lambda: _registered("robomem.evaluate.memory", "memory_systems"),
        "imitators": lambda: _registered("robomem.train.imitation.names", "imitators"),
        "motion-models": lambda: _registered("robomem.motion.learners", "motion_learners"),
        "presets": _presets,
    }
    known.update({name: sections[name] for name in sections})
    if section is not None and section not in known:
        raise UnknownNameError("section", section, known)
    return {name: describe() for name, describe in known.items() if section in (None, name)}


def _environments() -> dict[str, str]:
    import gymnasium as gym

    from robomem.families import families
    from robomem.rollout import environment_names

    specs = {name: gym.spec(env_id) for name, env_id in environment_names().items()}
    ours = {name: _first_line(_load(spec.kwargs.get("task", spec.entry_point))) for name, spec in specs.items()}
    return {**ours, **{f"{name}/…": _family(families[name]) for name in families}}


def _family(family: Family) -> str:
    """Say what a family offers here, or how to get it."""
    absent = family.missing()
    if absent:
        return f"{family.summary}. Not installed ({', '.join(absent)}): {family.get}"
    try:
        ids = family.ids()
    except ConfigError as error:
        return str(error)
    return f"{family.summary}. Installed: {len(ids)} ids, e.g. {ids[0]}."


def _load(address: Any) -> Any:
    """Return what ``"package.module:attribute"`` names; our environments are one class told their ``task`` that way."""
    if not isinstance(address, str):
        return address
    module, _, attribute = address.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _registered(module: str, attribute: str) -> dict[str, str]:
    registry: Registry[Any] = getattr(importlib.import_module(module), attribute)
    return {name: _first_line(registry[name]) for name in registry}


def _suites() -> dict[str, str]:
    from robomem.embodied import suites

    found: dict[str, str] = {}
    absent: dict[str, list[str]] = {}
    for name in suites:
        suite = suites[name]
        try:
            found[name] = f"{suite.summary} Subsets: {_some(suite.subsets())}"
        except ConfigError as error:
            absent.setdefault(str(error), []).append(name)
    grouped = {f"{names[0].split('_')[0]}_…": f"{len(names)} suites. {error}" for error, names in absent.items()}
    return {**found, **grouped}


def _some(names: Sequence[str], most: int = 8) -> str:
    """Return the names, or the first and the last of many."""
    return ", ".join(names) if len(names) <= most else f"{names[0]}, {names[1]}, … {names[-1]} ({len(names)})"


def _presets() -> dict[str, str]:
    from robomem.train.config import presets
    from robomem.train.imitation.names import imitation_presets, imitators
    from robomem.train.motion.names import motion_presets

    found = {name: _first_line(preset) for name, preset in _items(presets)}
    found |= {f"{next(iter(imitators))} {name}": _first_line(made) for name, made in _items(imitation_presets)}
    return found | {f"motion {name}": _first_line(made) for name, made in _items(motion_presets)}


def _items(registry: Registry[Any] | Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, registry[name]) for name in registry]


def _first_line(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").strip().partition("\n")[0].replace("``", "")


def main(argv: Sequence[str]) -> int:
    """Run ``robomem list`` with the words after the verb."""
    return parse(List, "list", argv).run()
