"""``robomem play --suite``: a person solves a task in the terminal, to judge whether it can be solved as it reads."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from robomem.cli.parse import OptionalName, OptionalPath
from robomem.errors import UnknownNameError

if TYPE_CHECKING:
    from robomem.embodied import EmbodiedTask, SkillEnv, Suite

__all__ = ["PlaySuite"]

SHOWN = 30


@dataclass(frozen=True)
class PlaySuite:
    """Solve a task of a suite yourself: read, choose skills by number or by searching, look at the pictures on disk.

    robomem play --suite household:base · robomem play --suite household --task household-base-007
    """

    suite: Annotated[str, tyro.conf.arg(metavar="NAME[:SUBSET]")]
    """Of tasks; robomem list suites shows them."""
    task: OptionalName = None
    """Which task, by its id; the first one by default."""
    held_out: bool = False
    """Choose from the held-out tasks."""
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    """Arguments of the suite's environment."""
    out: OptionalPath = None
    """Folder of the pictures, one a step; by default runs/play/TASK."""

    def run(self) -> int:
        """Play until the task is done, time is out or the person has had enough."""
        from robomem.evaluate.embodied import choose
        from robomem.evaluate.embodied.player import make_env

        suite, subset = choose(self.suite)
        task = _find(suite, subset, self.task, self.held_out)
        env = make_env(suite, self.env_kwargs)
        try:
            return _Game(env, task, self.out or Path("runs", "play", task.id)).play()
        finally:
            env.close()


class _Game:
    def __init__(self, env: SkillEnv, task: EmbodiedTask, folder: Path) -> None:
        from robomem.cli.console import out

        self.env, self.task, self.folder, self.steps, self.out = env, task, folder, 0, out

    def play(self) -> int:
        observation, info = self.env.reset(seed=self.task.seed, options={"task": self.task})
        self.say(f"[{self.task.id}, {self.task.world}, day {self.task.day}]\n\n  {self.task.instruction}\n")
        self.say("A number does a skill, words search for skills, ? shows the scene, q gives up.")
        self.show(observation)
        while True:
            action = self.choose(observation)
            if action is None:
                self.say(f"given up after {self.steps} steps, {info['task_progress']:.0%} of the goals hold")
                return 0
            observation, _, terminated, truncated, info = self.env.step(action)
            self.steps += 1
            self.say(f"{info['env_feedback']}  ({self.env.max_steps - self.steps} steps left)")
            self.show(observation)
            if info["task_success"]:
                self.say(f"done in {self.steps} steps")
                return 0
            if terminated or truncated:
                self.say(f"not done: out of steps or chances, {info['task_progress']:.0%} of the goals hold")
                return 0

    def choose(self, observation: Mapping[str, Any]) -> Any:
        """Ask until an answer is an action; None where the person gives up or the input ends."""
        import numpy as np

        while True:
            self.out.print("> ", end="", markup=False)
            line = sys.stdin.readline()
            words = line.strip()
            if not line or words in {"q", "quit", "exit"}:
                return None
            if words == "?":
                self.describe(observation)
                continue
            numbers = words.replace(",", " ").split()
            if numbers and all(word.lstrip("-").isdigit() for word in numbers):
                if self.env.skills and len(numbers) == 1:
                    return int(words)
                if not self.env.skills and len(numbers) == int(np.prod(self.env.action_space.shape or ())):
                    return np.array([int(word) for word in numbers], np.int64)
            self.search(words)

    def search(self, words: str) -> None:
        """Print the skills that have all the words."""
        if not self.env.skills:
            self.say(f"An action is {self.env.action_space}: that many integers, with spaces between them.")
            return
        asked = words.lower().split()
        found = [(number, name) for number, name in enumerate(self.env.skills) if all(word in name for word in asked)]
        for number, name in found[:SHOWN]:
            self.say(f"  {number:4}  {name}")
        if len(found) > SHOWN:
            self.say(f"  … and {len(found) - SHOWN} more; type words to search for")
        if not found:
            self.say(f"  no skill has {words!r} in its name")

    def describe(self, observation: Mapping[str, Any]) -> None:
        """Print what is seen."""
        try:
            scene = json.loads(observation.get("scene") or "{}")
        except ValueError:
            scene = {"scene": observation["scene"]}
        for name, value in scene.items():
            if isinstance(value, list):
                self.say(f"  {name}:")
                for entry in value:
                    self.say(f"    {_line(entry)}")
            else:
                self.say(f"  {name}: {value}")

    def show(self, observation: Mapping[str, Any]) -> None:
        """Write the picture of this step, and say where."""
        import imageio.v3 as iio
        import numpy as np

        from robomem.serialization import write_atomically

        picture = np.ascontiguousarray(np.asarray(self.env.render(), np.uint8))
        path = self.folder / f"{self.steps:03}.png"
        write_atomically(path, iio.imwrite("<bytes>", picture, extension=".png"))
        self.say(f"picture: {path}")

    def say(self, text: str) -> None:
        self.out.print(text, markup=False)


def _find(suite: Suite, subset: str | None, task_id: str | None, held_out: bool) -> EmbodiedTask:
    known = {task.id: task for task in suite.tasks(subset, held_out=held_out)}
    if task_id is None:
        return next(iter(known.values()))
    if task_id not in known:
        close = difflib.get_close_matches(task_id, known, n=8, cutoff=0.3) or list(known)[:8]
        raise UnknownNameError(f"task of {suite.name}", task_id, close, f"There are {len(known)}.")
    return known[task_id]


def _line(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    told = {name: value for name, value in entry.items() if name != "name" and value not in (None, "", [])}
    rest = ", ".join(f"{name} {value}" for name, value in told.items())
    return f"{entry.get('name', '')}: {rest}"
