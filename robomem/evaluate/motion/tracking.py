"""Motions performed by a robot in simulation: who falls, how far it is from what it should do, what is left of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from robomem.errors import ConfigError
from robomem.evaluate.motion.looking import Eyes, shown
from robomem.evaluate.statistics import Interval, bootstrap_mean, wilson
from robomem.motion import Clip
from robomem.motion.robots import RobotMotion

__all__ = ["SUCCESS_M", "Tracked", "tracked"]

SUCCESS_M = 0.05
"""A clip is performed if the robot did not fall and its points were within 5 cm of the clip's on average."""


@dataclass(frozen=True)
class Tracked:
    """How a robot performed some clips.

    Attributes:
        robot: which.
        clips: how many.
        success: share performed without a fall and within `SUCCESS_M`.
        fell: share with a fall.
        joint_error_rad: mean over clips.
        point_error_m: mean over clips.
        worst_point_error_m: the largest of all clips.
        limited: share of clips in which limits changed what was sent.
        refused: commands that the safety filter refused, all clips together.
        same_action: share of segments that show the action of the clip they perform; None where no judge is.
    """

    robot: str
    clips: int
    success: Interval
    fell: Interval
    joint_error_rad: Interval
    point_error_m: Interval
    worst_point_error_m: float
    limited: Interval
    refused: int
    same_action: float | None

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Tracked:
        """Return what ``dataclasses.asdict`` told."""
        fields: dict[str, Any] = {n: Interval(**one) if isinstance(one, dict) else one for n, one in value.items()}
        return cls(**fields)


def tracked(robot: RobotMotion, clips: Sequence[Clip], eyes: Eyes) -> Tracked:
    """Let a robot perform clips.

    Raises:
        ConfigError: no clips.
        DataError: clips of another body.
    """
    if not clips:
        raise ConfigError("No clip is to be performed; track one at least.")
    runs = [robot.track(clip) for clip in clips]
    fallen, number = [run.fell for run in runs], len(clips)
    close = [run.point_error_m <= SUCCESS_M and not run.fell for run in runs]
    same: list[bool] = []
    if eyes.judge is not None:
        for clip, run in zip(clips, runs):
            spans = [(one.start, min(one.end, len(run.achieved))) for one in clip.segments]
            spans = [span for span in spans if span[1] - span[0] > 1] or [(0, len(run.achieved))]
            pairs = zip(eyes.judge(clip, spans), eyes.judge(run.achieved, spans))
            same += [shown(wanted) == shown(done) for wanted, done in pairs]
    return Tracked(
        robot=robot.name,
        clips=number,
        success=wilson(sum(close), number),
        fell=wilson(sum(fallen), number),
        joint_error_rad=bootstrap_mean([run.joint_error_rad for run in runs]),
        point_error_m=bootstrap_mean([run.point_error_m for run in runs]),
        worst_point_error_m=max(run.worst_point_error_m for run in runs),
        limited=wilson(sum(bool(any(run.limited.values())) for run in runs), number),
        refused=sum(run.refused for run in runs),
        same_action=float(np.mean(same)) if same else None,
    )
