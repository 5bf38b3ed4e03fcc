"""The actions that our launch files use."""

from launch import events
from launch.action import Action
from launch.execute_process import ExecuteProcess
from launch.substitution import perform
from launch.suggestion import suggestion

__all__ = [
    "DeclareLaunchArgument",
    "EmitEvent",
    "ExecuteProcess",
    "GroupAction",
    "IncludeLaunchDescription",
    "LogInfo",
    "OpaqueFunction",
    "RegisterEventHandler",
    "SetEnvironmentVariable",
    "SetLaunchConfiguration",
    "Shutdown",
    "TimerAction",
]


class DeclareLaunchArgument(Action):
    def __init__(self, name, *, default_value=None, description=None, choices=None, **kwargs):
        super().__init__(**kwargs)
        if choices is not None and not choices:
            raise RuntimeError(f"argument '{name}' has an empty list of choices")
        if choices is not None and isinstance(default_value, str) and default_value not in choices:
            raise RuntimeError(f"argument '{name}' has a default '{default_value}' that is not among {choices}")
        self.name, self.default_value, self.description, self.choices = name, default_value, description, choices

    def visit(self, context):
        context.declared[self.name] = self  # even when its condition says no: the name is not a mistake
        super().visit(context)

    def execute(self, context):
        values = context.launch_configurations
        if self.name not in values:
            if self.default_value is None:
                given = suggestion(self.name, values)
                raise RuntimeError(f"required launch argument '{self.name}' was not provided; given was{given[1:]}")
            values[self.name] = perform(context, self.default_value)
        if self.choices is not None and values[self.name] not in self.choices:
            raise RuntimeError(f"argument '{self.name}' is '{values[self.name]}', which is not among {self.choices}")


class OpaqueFunction(Action):
    def __init__(self, *, function, args=None, kwargs=None, **options):
        super().__init__(**options)
        if not callable(function):
            raise TypeError(f"OpaqueFunction needs a callable, not {function!r}")
        self.function, self.args, self.kwargs = function, list(args or []), dict(kwargs or {})

    def execute(self, context):
        return self.function(context, *self.args, **self.kwargs)


class IncludeLaunchDescription(Action):
    def __init__(self, launch_description_source, *, launch_arguments=None, **kwargs):
        super().__init__(**kwargs)
        self.source, self.launch_arguments = launch_description_source, list(launch_arguments or [])

    def execute(self, context):
        description = self.source.get_launch_description(context)
        given = {perform(context, name): perform(context, value) for name, value in self.launch_arguments}
        context.launch_configurations.update(given)  # the real one has no scope here either
        before, context.declared = context.declared, {}
        with context.holding(file=self.source.file):
            description.visit(context)
        for name in given.keys() - context.declared.keys():
            raise RuntimeError(f"{self.source.file.name} has no argument '{name}'{suggestion(name, context.declared)}")
        context.declared |= before


class GroupAction(Action):
    def __init__(self, actions, *, scoped=True, forwarding=True, launch_configurations=None, **kwargs):
        super().__init__(**kwargs)
        self.actions, self.scoped, self.forwarding = list(actions), scoped, forwarding
        self.launch_configurations = dict(launch_configurations or {})

    def execute(self, context):
        given = {perform(context, k): perform(context, v) for k, v in self.launch_configurations.items()}
        if not self.scoped:
            context.launch_configurations.update(given)
            return self.actions
        inside = (context.launch_configurations if self.forwarding else {}) | given
        with context.holding(launch_configurations=dict(inside), environment=dict(context.environment)):
            for action in self.actions:
                action.visit(context)
        return []


class SetLaunchConfiguration(Action):
    def __init__(self, name, value, **kwargs):
        super().__init__(**kwargs)
        self.name, self.value = name, value

    def execute(self, context):
        context.launch_configurations[perform(context, self.name)] = perform(context, self.value)


class SetEnvironmentVariable(Action):
    def __init__(self, name, value, **kwargs):
        super().__init__(**kwargs)
        self.name, self.value = name, value

    def execute(self, context):
        context.environment[perform(context, self.name)] = perform(context, self.value)


class LogInfo(Action):
    def __init__(self, *, msg, **kwargs):
        super().__init__(**kwargs)
        self.msg = msg

    def execute(self, context):
        context.messages.append(perform(context, self.msg))


class EmitEvent(Action):
    def __init__(self, *, event, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(event, events.Event):
            raise RuntimeError(f"EmitEvent needs an event, not {event!r}")
        self.event = event

    def execute(self, context):
        return []


class Shutdown(EmitEvent):
    def __init__(self, *, reason="reason not given", **kwargs):
        super().__init__(event=events.Shutdown(reason=reason), **kwargs)


class RegisterEventHandler(Action):
    """What an event would start is collected with `after` set to the event."""

    def __init__(self, event_handler, **kwargs):
        super().__init__(**kwargs)
        self.event_handler = event_handler

    def execute(self, context):
        with context.holding(after=self.event_handler.event):
            for entity in self.event_handler.entities:
                entity.visit(context)


class TimerAction(Action):
    def __init__(self, *, period, actions, cancel_on_shutdown=True, **kwargs):
        super().__init__(**kwargs)
        self.period, self.actions, self.cancel_on_shutdown = period, list(actions), cancel_on_shutdown

    def execute(self, context):
        period = self.period if isinstance(self.period, int | float) else perform(context, self.period)
        with context.holding(after=f"timer {float(period):g} s"):
            for action in self.actions:
                action.visit(context)
