"""RoboMem: embodied agents with memory. Nothing heavy is imported here."""

__version__ = "0.1.0"
