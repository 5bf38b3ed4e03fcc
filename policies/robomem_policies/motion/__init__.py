"""Text to motion: key-frame-masked bidirectional Mamba over the tokens of motion, and peers."""

from robomem_policies.motion.config import GeneratorConfig, ModelConfig, TokeniserConfig
from robomem_policies.motion.generator import Generator
from robomem_policies.motion.model import TextToMotion
from robomem_policies.motion.residual import Residual
from robomem_policies.motion.sampling import Sampling, sample
from robomem_policies.motion.tokeniser import Tokeniser

__all__ = [
    "Generator",
    "GeneratorConfig",
    "ModelConfig",
    "Residual",
    "Sampling",
    "TextToMotion",
    "Tokeniser",
    "TokeniserConfig",
    "sample",
]
