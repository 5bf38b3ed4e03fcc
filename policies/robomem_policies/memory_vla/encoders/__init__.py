"""Vision and language to perceptual tokens and a cognitive token, behind one interface."""

from robomem_policies.memory_vla.encoders.compress import Compress
from robomem_policies.memory_vla.encoders.interface import VisionLanguageEncoder, encoders, make

__all__ = ["Compress", "VisionLanguageEncoder", "encoders", "make"]
