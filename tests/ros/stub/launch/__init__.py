"""A stand-in for ROS 2's `launch`, which PyPI does not have: enough of it to evaluate this project's launch files.

Constructors take what the real ones of Jazzy take and nothing else. Nothing runs: visiting a description collects what
would be started in `LaunchContext.started`. Where the real one only warns or stays silent (an argument nobody declared,
a parameter file that is missing or speaks to another node), this one raises. See `launch_file.evaluate`.
"""

from launch.action import Action
from launch.launch_context import LaunchContext
from launch.substitution import SomeSubstitutionsType, Substitution

__all__ = ["Action", "LaunchContext", "LaunchDescription", "SomeSubstitutionsType", "Substitution"]


class LaunchDescription:
    """What a launch file returns: the actions, in their order."""

    def __init__(self, initial_entities=None, *, deprecated_reason=None):
        self.entities = list(initial_entities or [])
        self.deprecated_reason = deprecated_reason

    def add_entity(self, entity):
        self.entities.append(entity)

    add_action = add_entity

    def visit(self, context):
        for entity in self.entities:
            entity.visit(context)
