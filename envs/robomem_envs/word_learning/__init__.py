"""Word learning: new objects are named once; later you are asked for one of them by its name."""

from robomem_envs.word_learning.task import WordLearning

__all__ = ["WordLearning"]
