"""Environments of other packages, entered with Gymnasium when one of them is asked for by name.

A family has a namespace of its own: ``popgym/RepeatPreviousEasy-v0``. Until an id in it is asked for, nothing of its
package is imported; where the package is missing, the error says how to get it.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from robomem.errors import ConfigError, UnknownNameError, nearest
from robomem.registry import Registry

__all__ = ["BENCH", "Family", "families", "find", "require"]

BENCH = "`make bench-env` builds .venv-bench with it; then use .venv-bench/bin/robomem."
"""How to get what runs beside MuJoCo 3.10 alone, as a sentence."""


@dataclass(frozen=True)
class Family:
    """Environments of one other package.

    Attributes:
        name: its namespace, the part of an id before the slash.
        summary: one line for a listing.
        packages: import names of what it needs.
        adapter: ``"package.module:function"`` that enters its ids with Gymnasium, harmless to call twice, and returns
            them in order.
        get: a sentence that says how to get the packages.
    """

    name: str
    summary: str
    packages: tuple[str, ...]
    adapter: str
    get: str = BENCH

    def missing(self) -> tuple[str, ...]:
        """Return which packages are not installed; imports none."""
        return missing(self.packages)

    def ids(self) -> tuple[str, ...]:
        """Enter the family with Gymnasium and return its ids.

        Raises:
            ConfigError: its package is missing, or does not import.
        """
        require(f"{self.name}/…", self.packages, self.get)
        module, _, attribute = self.adapter.partition(":")
        try:
            return tuple(getattr(importlib.import_module(module), attribute)())
        except Exception as error:
            raise ConfigError(
                f"{self.name}/… cannot be used: {', '.join(self.packages)} is installed but fails with "
                f"{type(error).__name__}: {error}. {self.get}"
            ) from error

    def resolve(self, env_id: str) -> str:
        """Return ``env_id`` after entering it with Gymnasium.

        Raises:
            ConfigError: its package is missing, or does not import.
            UnknownNameError: the family has no such id.
        """
        ids = self.ids()
        if env_id in ids:
            return env_id
        raise UnknownNameError(
            f"{self.name} environment", env_id, nearest(env_id, ids, 5), f"These are the nearest of its {len(ids)}."
        )


families: Registry[Family] = Registry("family of environments")


def find(env_id: str) -> Family | None:
    """Return the family in whose namespace an id is; None where there is none."""
    namespace, slash, _ = env_id.partition("/")
    return families[namespace] if slash and namespace in families else None


def missing(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Return which of these import names are not installed; imports none."""
    return tuple(package for package in packages if importlib.util.find_spec(package) is None)


def require(what: str, packages: tuple[str, ...], get: str = BENCH) -> None:
    """Raise ConfigError, with the way to get them, unless the packages that ``what`` needs are installed."""
    absent = missing(packages)
    if absent:
        verb = "is" if len(absent) == 1 else "are"
        raise ConfigError(f"{what} needs {' and '.join(absent)}, which {verb} not installed here. {get}")
