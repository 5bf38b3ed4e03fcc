"""Evaluation: a number, its interval, and everything needed to get it again."""

from robomem.evaluate.evaluation import Evaluation, evaluate
from robomem.evaluate.statistics import Interval, bootstrap_mean, wilson

__all__ = ["Evaluation", "Interval", "bootstrap_mean", "evaluate", "wilson"]
