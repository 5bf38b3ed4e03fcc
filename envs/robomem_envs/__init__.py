"""Gymnasium environments on MuJoCo."""


def register() -> None:
    """Register every environment with Gymnasium."""
