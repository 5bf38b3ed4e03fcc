"""What is known while a launch file is visited, and what it started so far."""

import contextlib
import os


class LaunchContext:
    """The launch configurations (name to text), the environment, and the processes that would have been started."""

    def __init__(self, *, argv=None, noninteractive=False):
        self.argv = list(argv or [])
        self.noninteractive = noninteractive
        self.launch_configurations: dict[str, str] = {}
        self.environment: dict[str, str] = dict(os.environ)
        self.started = []
        self.declared = {}  # every DeclareLaunchArgument that was come across, by name
        self.messages = []  # of LogInfo
        self.after = ""  # what the actions visited at present wait for
        self.file = None  # of the launch file that is visited

    def perform_substitution(self, substitution):
        return substitution.perform(self)

    @contextlib.contextmanager
    def holding(self, **attributes):
        """Set some of the above for a while."""
        before = {name: getattr(self, name) for name in attributes}
        vars(self).update(attributes)
        yield
        vars(self).update(before)
