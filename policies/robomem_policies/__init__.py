"""Agents: encoder + memory + action head."""


def register() -> None:
    """Register every policy with RoboMem."""
