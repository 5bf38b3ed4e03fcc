"""What ``robomem list`` shows beside environments, policies and memories: plugins add a section with one line.

``sections.add("robots", "robomem_assets.robots:describe")`` where ``describe() -> dict[str, str]`` maps each name to a
one-line description.
"""

from __future__ import annotations

from collections.abc import Callable

from robomem.registry import Registry

__all__ = ["sections"]

sections: Registry[Callable[[], dict[str, str]]] = Registry("catalogue section")
