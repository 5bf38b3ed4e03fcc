"""What can be measured of a stretch of motion without a model: what moved, how far, where to, how fast, how often.

Everything is told from the floor under the root: x where the body faces, y to its left, z over the floor, so that
walking or turning is no movement of a limb, but squatting moves them all down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks
from scipy.spatial.transform import Rotation

from robomem.errors import DataError
from robomem.motion.body import Body
from robomem.motion.clip import Clip
from robomem.motion.kinematics import place
from robomem.types import FloatArray

__all__ = ["LimbMeasures", "Measures", "limb_names", "measure"]

_LEAST = 0.02


@dataclass(frozen=True, eq=False)
class LimbMeasures:
    """Of a hand, or the head, from the floor under the root.

    Attributes:
        path: m, how long its way was.
        far: m, how far it came from where it began.
        reach: [3] m, from where it began to where it was farthest from there.
        net: [3] m, from where it began to where it ended.
        extent: [3] m, sizes of the box around its way.
        farthest: [3] m, where it was when it was farthest from its beginning.
        highest, lowest: m over the floor.
        peak_speed: m/s; mean_speed: m/s.
        leaving: s until it was almost as far as it ever came (nine tenths).
        staying: s that it was there.
        reversals: [3] how often it turned back along x, y and z.
        straightness: in [0, 1], how much of its way lies on one line.
    """

    path: float
    far: float
    reach: FloatArray
    net: FloatArray
    extent: FloatArray
    farthest: FloatArray
    highest: float
    lowest: float
    peak_speed: float
    mean_speed: float
    leaving: float
    staying: float
    reversals: FloatArray
    straightness: float

    def numbers(self) -> FloatArray:
        """Return all of it as one vector; what is never negative as logarithms, in which slower is a shift."""
        sizes = [self.path, self.far, self.peak_speed, self.mean_speed, self.leaving, self.staying]
        places = [self.reach, self.net, self.extent, self.farthest, [self.highest, self.lowest]]
        return np.concatenate([*places, np.log(np.add(sizes, _LEAST)), np.log1p(self.reversals), [self.straightness]])


@dataclass(frozen=True, eq=False)
class Measures:
    """Of a stretch.

    Attributes:
        seconds: how long it was.
        limbs: by point.
        root: [9] how far the root moved along its first heading (x, y), sank (m), and turned about z, y and x (rad);
            then the largest sinking, lean forward and lean to the left on the way.
        joints: [J] rad, the range of each hinge (zero for a ball joint).
    """

    seconds: float
    limbs: dict[str, LimbMeasures]
    root: FloatArray
    joints: FloatArray

    def numbers(self) -> FloatArray:
        """Return all of it as one vector, always in one order."""
        limbs = [self.limbs[name].numbers() for name in sorted(self.limbs)]
        return np.concatenate([[np.log(self.seconds)], *limbs, self.root, self.joints])


def limb_names(body: Body) -> tuple[str, ...]:
    """Return the points of a body that act: its hands and its head, or what is at the end of an arm.

    Raises:
        DataError: it has no points.
    """
    found = tuple(sorted(name for name in body.points if any(word in name for word in ("hand", "head", "gripper"))))
    if not found and body.points:
        last = max(point.joint for point in body.points.values())
        found = tuple(sorted(name for name, point in body.points.items() if point.joint == last))
    if not found:
        raise DataError(f"Body {body.name!r} has no points, so nobody can tell what it does.")
    return found


def measure(clip: Clip, start: int = 0, end: int | None = None) -> Measures:
    """Return what frames [start, end) show.

    Raises:
        DataError: fewer than two frames, or a body without points.
    """
    end = len(clip) if end is None else end
    if not 0 <= start < end - 1 < len(clip):
        raise DataError(f"Frames {start} to {end} of a clip of {len(clip)} are no stretch that can be measured.")
    return measures(clip, [(start, end)])[0]


def measures(clip: Clip, spans: list[tuple[int, int]]) -> list[Measures]:
    """Return `measure` of several stretches of a clip, which is placed in space once."""
    rotation = Rotation.from_quat(clip.root_rotation, scalar_first=True)
    placed = place(clip)
    forward = rotation.apply([1.0, 0.0, 0.0])
    heading = np.unwrap(np.arctan2(forward[:, 1], forward[:, 0]))
    back = Rotation.from_euler("z", -heading[:, None])
    under = clip.root_position * [1.0, 1.0, 0.0]
    limbs = {name: back.apply(placed.points[name] - under) for name in limb_names(clip.body)}
    tilt = (back * rotation).as_rotvec()
    found = []
    for start, end in spans:
        stretch = slice(start, end)
        moved = back[start].apply(clip.root_position[stretch] - clip.root_position[start])
        lean = tilt[stretch] - tilt[start]
        root = np.concatenate(
            [moved[-1], [heading[end - 1] - heading[start], lean[-1, 1], lean[-1, 0]]]
            + [[moved[:, 2].min(), lean[np.abs(lean[:, 1]).argmax(), 1], lean[np.abs(lean[:, 0]).argmax(), 0]]]
        )
        hinge = np.zeros(len(clip.body.joints))
        for index, at in enumerate(clip.body.at):
            if clip.body.hinges[index]:
                hinge[index] = np.ptp(clip.pose[stretch, at])
        found.append(
            Measures(
                seconds=(end - start) / clip.fps,
                limbs={name: _limb(way[stretch], clip.fps) for name, way in limbs.items()},
                root=root,
                joints=hinge,
            )
        )
    return found


def _limb(way: FloatArray, fps: float) -> LimbMeasures:
    steps = np.linalg.norm(np.diff(way, axis=0), axis=1)
    away = np.linalg.norm(way - way[0], axis=1)
    far = int(away.argmax())
    there = np.flatnonzero(away >= 0.9 * away[far])
    centred = way - way.mean(0)
    sizes = np.linalg.svd(centred, compute_uv=False)
    return LimbMeasures(
        path=float(steps.sum()),
        far=float(away[far]),
        reach=way[far] - way[0],
        net=way[-1] - way[0],
        extent=np.ptp(way, axis=0),
        farthest=way[far],
        highest=float(way[:, 2].max()),
        lowest=float(way[:, 2].min()),
        peak_speed=float(steps.max() * fps),
        mean_speed=float(steps.mean() * fps),
        leaving=float(there[0] / fps),
        staying=float(len(there) / fps),
        reversals=np.array([_reversals(way[:, axis]) for axis in range(3)]),
        straightness=float(sizes[0] / max(sizes.sum(), 1e-9)),
    )


def _reversals(along: FloatArray) -> int:
    """Count the turning points of a coordinate that stand out by a tenth of its range, and by 3 cm at least."""
    prominence = max(0.1 * float(np.ptp(along)), 0.03)
    if np.ptp(along) < prominence:
        return 0
    return sum(len(find_peaks(sign * along, prominence=prominence)[0]) for sign in (1, -1))
