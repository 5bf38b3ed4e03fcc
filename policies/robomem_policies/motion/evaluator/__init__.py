"""A model that measures other models of motion: texts and clips in one space, learnt from real motion alone."""

from robomem_policies.motion.evaluator.evaluator import Evaluator
from robomem_policies.motion.evaluator.fitting import Fitting, fit_evaluator

__all__ = ["Evaluator", "Fitting", "fit_evaluator"]
