"""The substitutions that our launch files use."""

import importlib
import os
import shutil

from launch.conditions import truth
from launch.substitution import Substitution, SubstitutionFailure, perform
from launch.suggestion import suggestion


class TextSubstitution(Substitution):
    def __init__(self, *, text):
        if not isinstance(text, str):
            raise TypeError(f"TextSubstitution needs a str, not {text!r}")
        self.text = text

    def perform(self, context):
        return self.text


class LaunchConfiguration(Substitution):
    def __init__(self, variable_name, *, default=None):
        self.variable_name, self.default = variable_name, default

    def perform(self, context):
        name = perform(context, self.variable_name)
        if name in context.launch_configurations:
            return context.launch_configurations[name]
        if self.default is None:
            raise SubstitutionFailure(
                f"launch configuration '{name}' does not exist{suggestion(name, context.launch_configurations)}"
            )
        return perform(context, self.default)


class EnvironmentVariable(Substitution):
    def __init__(self, name, *, default_value=None):
        self.name, self.default_value = name, default_value

    def perform(self, context):
        name = perform(context, self.name)
        if name in context.environment:
            return context.environment[name]
        if self.default_value is None:
            raise SubstitutionFailure(f"environment variable '{name}' does not exist")
        return perform(context, self.default_value)


class PathJoinSubstitution(Substitution):
    def __init__(self, substitutions):
        self.substitutions = list(substitutions)

    def perform(self, context):
        return os.path.join(*(perform(context, part) for part in self.substitutions))


class FindExecutable(Substitution):
    def __init__(self, *, name):
        self.name = name

    def perform(self, context):
        name = perform(context, self.name)
        if (found := shutil.which(name, path=context.environment.get("PATH"))) is None:
            raise SubstitutionFailure(f"executable '{name}' not found on the PATH")
        return found


class ThisLaunchFile(Substitution):
    def perform(self, context):
        return str(context.file)


class ThisLaunchFileDir(Substitution):
    def perform(self, context):
        return str(context.file.parent)


class PythonExpression(Substitution):
    def __init__(self, expression, python_modules=("math",)):
        self.expression, self.python_modules = expression, python_modules

    def perform(self, context):
        names = {}
        for name in self.python_modules:
            module = importlib.import_module(perform(context, name))
            names[module.__name__] = module
            if module.__name__ == "math":
                names.update(vars(module))
        return str(eval(perform(context, self.expression), {}, names))  # noqa: S307  the real one does


class NotSubstitution(Substitution):
    def __init__(self, value):
        self.value = value

    def perform(self, context):
        return str(not truth(context, self.value)).lower()


class AndSubstitution(Substitution):
    def __init__(self, left, right):
        self.left, self.right = left, right

    def perform(self, context):
        return str(truth(context, self.left) and truth(context, self.right)).lower()


class OrSubstitution(Substitution):
    def __init__(self, left, right):
        self.left, self.right = left, right

    def perform(self, context):
        return str(truth(context, self.left) or truth(context, self.right)).lower()
