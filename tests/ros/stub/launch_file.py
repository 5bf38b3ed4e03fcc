"""Evaluate a launch file without ROS 2: ``evaluate("arm.launch.py", robot="ur5e")`` returns what it would start.

The launch file imports the `launch` and `launch_ros` beside this module, so the folder must come before any real one
on the path; importing this module sees to that. Packages are looked for in AMENT_PREFIX_PATH.
"""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import launch  # noqa: E402
from launch.execute_process import NodeDescription  # noqa: E402
from launch.launch_description_sources import load  # noqa: E402
from launch.suggestion import suggestion  # noqa: E402

if Path(launch.__file__).parent != HERE / "launch":
    raise ImportError(f"the stub of launch is needed, but {launch.__file__} was imported before")

__all__ = ["NodeDescription", "evaluate", "spawn"]


def text(value: object) -> str:
    """Return an argument as it would be typed after ``ros2 launch``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def evaluate(path: str | Path, **arguments: object) -> list[NodeDescription]:
    """Return the processes that a launch file starts, in its order; raise on everything that would go wrong."""
    file = Path(path).resolve()
    context = launch.LaunchContext()
    context.launch_configurations.update({name: text(value) for name, value in arguments.items()})
    with context.holding(file=file):
        load(file).visit(context)
    for name in sorted(arguments.keys() - context.declared.keys()):
        raise RuntimeError(f"{file.name} has no argument '{name}'{suggestion(name, context.declared)}")
    return context.started


@contextlib.contextmanager
def spawn(descriptions: list[NodeDescription], patience: float = 10.0) -> Iterator[list[subprocess.Popen]]:
    """Start what is started at once; end it as ``ros2 launch`` does, with SIGINT, SIGTERM, SIGKILL by turns."""
    running: list[subprocess.Popen] = []
    try:
        for one in descriptions:
            if not one.after:
                running.append(subprocess.Popen(one.argv, cwd=one.cwd, env=one.environment))
        yield running
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for process in running:
                if process.poll() is None:
                    process.send_signal(number)
            for process in running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(patience)
