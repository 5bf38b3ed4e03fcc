"""The action that starts a process; it lives in `launch.actions`."""

import os
import shutil
from dataclasses import dataclass, field
from typing import Any

from launch.action import Action
from launch.conditions import truth
from launch.substitution import perform


@dataclass(frozen=True)
class NodeDescription:
    """One process that a launch file starts, as it would be started."""

    argv: list[str]
    package: str | None = None  # None for what is no ROS node
    executable: str = ""
    name: str | None = None  # None when the node keeps the name that it has in its code
    namespace: str = "/"
    parameters: dict[str, Any] = field(default_factory=dict)  # files and values together, the last one wins
    remappings: dict[str, str] = field(default_factory=dict)
    lifecycle: bool = False
    output: str = "log"
    respawn: bool = False
    ends_all: bool = False  # does everything else end with it?
    after: str = ""  # the event that starts it, empty when it is started at once
    cwd: str | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The name in the graph."""
        return f"{self.namespace.rstrip('/')}/{self.name}"


class ExecuteProcess(Action):
    def __init__(
        self,
        *,
        cmd,
        prefix=None,
        name=None,
        cwd=None,
        env=None,
        additional_env=None,
        shell=False,
        sigterm_timeout=5,
        sigkill_timeout=5,
        emulate_tty=False,
        output="log",
        output_format="[{this.process_description.final_name}] {line}",
        cached_output=False,
        log_cmd=False,
        on_exit=None,
        respawn=False,
        respawn_delay=None,
        respawn_max_retries=-1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.cmd, self.prefix, self.cwd, self.shell = list(cmd), prefix, cwd, shell
        self.env, self.additional_env = env, additional_env or {}
        self.output, self.respawn, self.on_exit = output, respawn, on_exit

    def process(self, context) -> dict[str, Any]:
        """Return what a description of any process holds."""
        texts = {perform(context, k): perform(context, v) for k, v in self.additional_env.items()}
        base = context.environment if self.env is None else self.env
        respawn = self.respawn if isinstance(self.respawn, bool) else truth(context, self.respawn)
        endings = self.on_exit if isinstance(self.on_exit, list) else [self.on_exit]
        return {
            "output": self.output if isinstance(self.output, dict) else perform(context, self.output),
            "respawn": respawn,
            "ends_all": any(type(action).__name__ == "Shutdown" for action in endings),
            "after": context.after,
            "cwd": None if self.cwd is None else perform(context, self.cwd),
            "environment": {perform(context, k): perform(context, v) for k, v in base.items()} | texts,
        }

    def words(self, context) -> list[str]:
        """Return the command line, its program found."""
        words = [perform(context, word) for word in self.cmd]
        if not self.shell and shutil.which(words[0], path=context.environment.get("PATH", os.defpath)) is None:
            raise FileNotFoundError(f"no executable '{words[0]}'")
        return ([] if self.prefix is None else perform(context, self.prefix).split()) + words

    def execute(self, context):
        argv = self.words(context)
        context.started.append(NodeDescription(argv, executable=argv[0], **self.process(context)))
