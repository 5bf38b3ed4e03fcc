"""The actions that start ROS nodes, with the command line that `launch_ros` forms."""

import re
from pathlib import Path

from launch.actions import ExecuteProcess
from launch.execute_process import NodeDescription
from launch.substitution import perform

from launch_ros import parameter_files
from launch_ros.parameter_descriptions import ParameterFile, ParameterValue
from launch_ros.substitutions import ExecutableInPackage

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def valid(name: str) -> str:
    """Return a node's name, or raise."""
    if not NAME.fullmatch(name):
        raise ValueError(f"'{name}' is no name for a node")
    return name


def absolute(namespace: str) -> str:
    """Return a namespace from the root, or raise."""
    parts = namespace.strip("/").split("/") if namespace.strip("/") else []
    if not all(NAME.fullmatch(part) for part in parts):
        raise ValueError(f"'{namespace}' is no namespace")
    return "/" + "/".join(parts)


def values(context, parameters: dict) -> dict:
    """Return the parameters of a dictionary in a launch file, evaluated."""
    found = {}
    for key, value in parameters.items():
        if isinstance(value, dict):
            found[perform(context, key)] = values(context, value)
        else:
            typed = value if isinstance(value, ParameterValue) else ParameterValue(value)
            found[perform(context, key)] = typed.evaluate(context)
    return found


class Node(ExecuteProcess):
    lifecycle = False

    def __init__(
        self,
        *,
        executable,
        package=None,
        name=None,
        namespace=None,
        exec_name=None,
        parameters=None,
        remappings=None,
        ros_arguments=None,
        arguments=None,
        **kwargs,
    ):
        program = executable if package is None else ExecutableInPackage(package=package, executable=executable)
        super().__init__(cmd=[program, *(arguments or [])], name=exec_name, **kwargs)
        if parameters is not None and not isinstance(parameters, list):
            raise TypeError(f"parameters are a list of files and dictionaries, not {parameters!r}")
        self.package, self.executable, self.name, self.namespace = package, executable, name, namespace
        self.parameters, self.remappings = parameters or [], list(remappings or [])
        self.ros_arguments = list(ros_arguments or [])

    def files(self, context, node: str | None) -> list[Path]:
        """Return a parameter file for each of the node's parameters, written where there was none."""
        found = []
        for given in self.parameters:
            if isinstance(given, dict):
                found.append(parameter_files.write(values(context, given), node or "/**"))
            else:
                found.append((given if isinstance(given, ParameterFile) else ParameterFile(given)).evaluate(context))
        return found

    def execute(self, context):
        name = None if self.name is None else valid(perform(context, self.name))
        namespace = "/" if self.namespace is None else absolute(perform(context, self.namespace))
        node = None if name is None else f"{namespace.rstrip('/')}/{name}"
        remappings = [(perform(context, a), perform(context, b)) for a, b in self.remappings]
        argv = [*self.words(context), "--ros-args", *(perform(context, word) for word in self.ros_arguments)]
        if name is not None:
            argv += ["-r", f"__node:={name}"]
        if self.namespace is not None:
            argv += ["-r", f"__ns:={namespace}"]
        parameters = {}
        for file in self.files(context, node):
            argv += ["--params-file", str(file)]
            parameters |= parameter_files.read(file, node)
        for original, other in remappings:
            argv += ["-r", f"{original}:={other}"]
        context.started.append(
            NodeDescription(
                argv,
                package=None if self.package is None else perform(context, self.package),
                executable=perform(context, self.executable),
                name=name,
                namespace=namespace,
                parameters=parameters,
                remappings=dict(remappings),
                lifecycle=self.lifecycle,
                **self.process(context),
            )
        )


class LifecycleNode(Node):
    lifecycle = True

    def __init__(self, *, name, namespace, **kwargs):
        super().__init__(name=name, namespace=namespace, **kwargs)
