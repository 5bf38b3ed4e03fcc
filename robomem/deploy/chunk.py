"""From chunks of actions to points in time: which action is due, and a trajectory that ends at rest.

Letters in shapes: H actions of a chunk, A numbers of an action, P points, J joints.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from robomem.errors import ConfigError, suggest
from robomem.types import FloatArray

__all__ = ["ChunkQueue", "Ensembling", "Trajectory", "trajectory"]

Ensembling = Literal["latest", "average", "crossfade"]


@dataclass(frozen=True)
class Trajectory:
    """Points that a trajectory controller follows; the last is at rest.

    Attributes:
        times: [P] seconds from now, the first at least one period ahead: a point at 0 is a step.
        positions: [P, J] rad.
        velocities: [P, J] rad/s: without them controllers interpolate in straight lines, with jerks at each point.
    """

    times: FloatArray
    positions: FloatArray
    velocities: FloatArray


def trajectory(
    start: FloatArray,
    targets: FloatArray,
    velocity: FloatArray,
    period_s: float,
    acceleration: FloatArray,
    horizon_s: float,
) -> Trajectory:
    """Time targets one period apart, then brake to rest: an arm that hears nothing more stops by itself.

    Args:
        start: [J] the command that holds now.
        targets: [H, J] the next commands, already safe.
        velocity: [J] rad/s at the last of them, from which the arm may brake: the safety filter's. That of the way
            there may be far more, where the arm was pushed, and braking from it would leave the limits.
        period_s: between commands.
        acceleration: [J] rad/s² to brake with.
        horizon_s: the whole lasts at least this long, at rest at its end.

    Returns:
        points at 1, 2, … periods up to the first at rest, and the same again at the end of the horizon: between two
        points at rest in one place every controller stays there. Velocities are central differences, zero at the last.
    """
    path, change = [*targets], acceleration * period_s
    while (velocity := np.sign(velocity) * np.maximum(np.abs(velocity) - change, 0.0)).any():
        path.append(path[-1] + velocity * period_s)
    steps = last = len(path)
    while last * period_s < horizon_s - 1e-9:
        last += 1
    counts = [*range(1, steps + 1), *sorted({steps + 1, last} if last > steps else ())]
    positions = np.array(path + [path[-1]] * (len(counts) - steps))
    around = np.concatenate([start[None], positions, positions[-1:]])
    velocities = (around[2:] - around[:-2]) / (2 * period_s)
    velocities[-1] = 0.0
    return Trajectory(period_s * np.array(counts), positions, velocities)


class ChunkQueue:
    """The chunks that cover the present step, blended into one action.

    ``latest`` takes the newest chunk; ``average`` weighs all by exp(-decay i), i = 0 the oldest, so that plans change
    gradually (temporal ensembling, Zhao et al. 2023, arXiv 2304.13705); ``crossfade`` goes from the chunk before to the
    newest in a straight line over ``fade`` steps.

    Args:
        ensembling: one of the three.
        decay: of ``average``.
        fade: steps of ``crossfade``.
    """

    def __init__(self, ensembling: str = "latest", *, decay: float = 0.01, fade: int = 5) -> None:
        if ensembling not in get_args(Ensembling):
            raise ConfigError(f"ensembling {ensembling!r} does not exist. {suggest(ensembling, get_args(Ensembling))}")
        if not (np.isfinite(decay) and decay >= 0 and fade >= 1):
            raise ConfigError(f"decay must be a number >= 0 and fade at least 1, not {decay} and {fade}.")
        self.ensembling, self.decay, self.fade = ensembling, decay, fade
        self._chunks: list[tuple[int, FloatArray]] = []

    def clear(self) -> None:
        """Forget all chunks."""
        self._chunks = []

    def add(self, step: int, chunk: FloatArray) -> None:
        """Add a chunk [H, A] whose first action is for ``step``."""
        if chunk.ndim != 2 or not len(chunk):
            raise ConfigError(f"a chunk is [H, A] with H >= 1 actions, not {list(chunk.shape)}.")
        self._chunks.append((step, chunk))

    def depth(self, step: int) -> int:
        """Return for how many steps from ``step`` on there are actions."""
        return max([begin + len(chunk) - step for begin, chunk in self._chunks], default=0)

    def at(self, step: int) -> FloatArray | None:
        """Return the action [A] of a step; None if no chunk reaches it. Chunks that lie behind are dropped."""
        self._chunks = [(begin, chunk) for begin, chunk in self._chunks if begin + len(chunk) > step]
        due = [(begin, chunk[step - begin]) for begin, chunk in self._chunks if begin <= step]
        if not due:
            return None
        actions = np.array([action for _, action in due])
        if self.ensembling == "average":
            weights = np.exp(-self.decay * np.arange(len(due)))
            return np.asarray(weights @ actions / weights.sum())
        share = min(1.0, (step - due[-1][0] + 1) / self.fade)
        if self.ensembling == "crossfade" and len(due) > 1 and share < 1.0:
            return np.asarray((1 - share) * actions[-2] + share * actions[-1])
        return np.asarray(actions[-1])
