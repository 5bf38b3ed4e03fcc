"""A data set of motion with words: many clips of one body at one rate, in memory and as a folder."""

from robomem.motion.motion_set.entries import SPLITS, Entry, MotionSet
from robomem.motion.motion_set.folder import read, write

__all__ = ["SPLITS", "Entry", "MotionSet", "read", "write"]
