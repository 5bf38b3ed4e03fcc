"""What LeRobot is told about the policy; what the policy is lies in its folder ``robomem``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lerobot.configs.policies import PreTrainedConfig
from lerobot.configs.types import NormalizationMode

__all__ = ["MemoryVLAConfig"]

_TRAINED_ELSEWHERE = (
    "memoryvla learns with its memory running over whole episodes, which lerobot-train's loader of single frames "
    "cannot give it: robomem train memory-vla --data DATASET, then robomem export lerobot RUN --out DIR."
)


@PreTrainedConfig.register_subclass("memoryvla")
@dataclass
class MemoryVLAConfig(PreTrainedConfig):  # type: ignore[misc]
    """Configuration of a MemoryVLA policy.

    Attributes:
        chunk_size: actions that are planned at once.
        n_action_steps: how many of them are executed before the next plan.
        chunk_stride: environment steps between two calls of ``predict_action_chunk``, for whoever executes chunks
            itself; the memory counts time in environment steps.
        deterministic: plan every chunk of an episode from the same noise.
        seed: of that noise.
    """

    chunk_size: int = 8
    n_action_steps: int = 4
    chunk_stride: int = 1
    deterministic: bool = True
    seed: int = 0
    normalization_mapping: dict[str, NormalizationMode] = field(
        default_factory=lambda: {name: NormalizationMode.IDENTITY for name in ("VISUAL", "STATE", "ACTION")}
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.n_action_steps <= self.chunk_size or self.chunk_stride < 1:
            raise ValueError("n_action_steps must be 1 to chunk_size, and chunk_stride at least 1.")

    def validate_features(self) -> None:
        """Raise ValueError without a picture or without actions."""
        if not self.image_features or self.action_feature is None:
            raise ValueError("memoryvla needs a picture (observation.images.NAME) and the output 'action'.")

    def get_optimizer_preset(self) -> Any:
        """Refuse to be trained here."""
        raise NotImplementedError(_TRAINED_ELSEWHERE)

    def get_scheduler_preset(self) -> None:
        """Return None: there is nothing to schedule."""
        return None

    @property
    def observation_delta_indices(self) -> None:
        """None: one frame at a time; the memory has the others."""
        return None

    @property
    def action_delta_indices(self) -> list[int]:
        """The chunk."""
        return list(range(self.chunk_size))

    @property
    def reward_delta_indices(self) -> None:
        """None: demonstrations have none."""
        return None
