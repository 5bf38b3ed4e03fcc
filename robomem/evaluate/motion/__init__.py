"""Models of motion measured on texts: fit to the text, likeness to real motion, left and right, order, smoothness."""

from robomem.evaluate.motion.evaluation import Group, MotionEvaluation, evaluate
from robomem.evaluate.motion.files import read, write

__all__ = ["Group", "MotionEvaluation", "evaluate", "read", "write"]
