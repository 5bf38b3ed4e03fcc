"""The batched engine: a task is written once over B rows and is served as one environment or as many."""

from robomem_envs.engine.registration import register
from robomem_envs.engine.single import TaskEnv
from robomem_envs.engine.task import Episode, RowGenerators, Task
from robomem_envs.engine.vector import TaskVectorEnv

__all__ = ["Episode", "RowGenerators", "Task", "TaskEnv", "TaskVectorEnv", "register"]
