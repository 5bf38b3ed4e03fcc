"""What a policy must know of demonstrations before it sees one: spaces, statistics, tasks, and where they are from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gymnasium import spaces

from robomem.data.statistics import FeatureStats

__all__ = ["DataSpec"]


@dataclass(frozen=True)
class DataSpec:
    """What demonstrations hold, under the environment's names.

    Attributes:
        observation_space: what the policy is to see of each frame, e.g. ``pixels`` and ``proprio``.
        action_space: bounds of the environment that was recorded, else the least and greatest action in the data.
        statistics: of ``action`` and of each part that is numbers: ``min``, ``max``, ``mean``, ``std``, ``q01`` … each
            [size] float64.
        tasks: what is to be done, in words.
        fps: frames a second.
        labels: classes of ``Batch.label``, 0 if the data have none.
        env: id of the environment that was recorded; None if it is not known, or several were.
        env_kwargs: its arguments, but for what the policy sees (``observation``) where fewer parts were chosen.
        happenings: what ``Batch.happening`` counts from 1 on, in words; none if the data do not say.
        histories: every ``Batch.history`` that the data have, without its zeros.
    """

    observation_space: spaces.Dict
    action_space: spaces.Box
    statistics: Mapping[str, FeatureStats]
    tasks: tuple[str, ...]
    fps: int
    labels: int = 0
    env: str | None = None
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    happenings: tuple[str, ...] = ()
    histories: tuple[tuple[int, ...], ...] = ()
