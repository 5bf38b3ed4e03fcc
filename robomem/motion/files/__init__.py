"""Motion files of others and our own: BVH, AMASS, HumanML3D, BABEL, DeepMimic, and a clip as npz."""

from robomem.motion.files.babel import read_babel
from robomem.motion.files.human import human
from robomem.motion.files.humanml3d import read_humanml3d
from robomem.motion.files.motion_file import read_motion, write_motion

__all__ = ["human", "read_babel", "read_humanml3d", "read_motion", "write_motion"]
