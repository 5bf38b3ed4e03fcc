"""Motion of people and robots in words: what a clip is, how it is read, told apart and measured.

Letters in shapes: T frames, J joints, Q numbers of a pose, P points, D numbers of a frame's features.
Frames of reference: x forward, y to the left, z up; metres, radians, seconds; quaternions w, x, y, z.
"""

from robomem.motion.body import Body, Point
from robomem.motion.clip import Clip, Segment
from robomem.motion.features import Features
from robomem.motion.kinematics import Placed, place
from robomem.motion.mirror import mirrored

__all__ = ["Body", "Clip", "Features", "Placed", "Point", "Segment", "mirrored", "place"]
