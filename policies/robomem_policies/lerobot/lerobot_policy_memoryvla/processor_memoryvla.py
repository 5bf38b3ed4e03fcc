"""Before and after the policy: batches and devices alone; it normalises by itself."""

from __future__ import annotations

from typing import Any

from lerobot.processor import (
    AddBatchDimensionProcessorStep,
    DeviceProcessorStep,
    PolicyProcessorPipeline,
    RenameObservationsProcessorStep,
)
from lerobot.processor.converters import policy_action_to_transition, transition_to_policy_action

__all__ = ["make_memoryvla_pre_post_processors"]


def make_memoryvla_pre_post_processors(config: Any, dataset_stats: Any = None) -> tuple[Any, Any]:
    """Return the processors, as LeRobot finds them by this name.

    Args:
        config: a ``MemoryVLAConfig``.
        dataset_stats: not used: the scales of the data that it learnt from are part of the policy.
    """
    before = PolicyProcessorPipeline(
        steps=[
            RenameObservationsProcessorStep(rename_map={}),
            AddBatchDimensionProcessorStep(),
            DeviceProcessorStep(device=config.device),
        ],
        name="policy_preprocessor",
    )
    after = PolicyProcessorPipeline(
        steps=[DeviceProcessorStep(device="cpu")],
        name="policy_postprocessor",
        to_transition=policy_action_to_transition,
        to_output=transition_to_policy_action,
    )
    return before, after
