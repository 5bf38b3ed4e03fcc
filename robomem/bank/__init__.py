"""The perceptual-cognitive memory bank of MemoryVLA (arXiv 2508.19236), its state explicit and batched."""

from robomem.bank.config import BankConfig
from robomem.bank.inspection import Inspection, Moment
from robomem.bank.state import BankState
from robomem.bank.streams import STREAMS, PerceptualCognitiveBank, Tokens
from robomem.bank.strip import strip
from robomem.bank.token_bank import TokenBank

__all__ = [
    "STREAMS",
    "BankConfig",
    "BankState",
    "Inspection",
    "Moment",
    "PerceptualCognitiveBank",
    "TokenBank",
    "Tokens",
    "strip",
]
