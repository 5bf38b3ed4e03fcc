"""Score a model with EmbodiedBench's own evaluator on our simulator.

    python scripts/embodiedbench.py --checkout DIR --suite rearrange:base --model gpt-4o

DIR is a checkout of github.com/EmbodiedBench/EmbodiedBench; none of its simulators is needed. What its planner imports
is: ``pip install openai hydra-core omegaconf opencv-python-headless tqdm``. The endpoint is that of ``OPENAI_BASE_URL``
and ``OPENAI_API_KEY``, as its client reads them, or ``--base-url``.

Its evaluator, its planner, its prompts and its client run as they are; only its environment class is replaced by
``EmbodiedBenchSurface``. The scores are those of another simulator and other tasks, not EmbodiedBench's.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import tyro
import yaml

from robomem.embodied import EmbodiedBenchSurface, EmbodiedTask, suites
from robomem.errors import ConfigError, RobomemError, suggest
from robomem.serialization import write_json

THEIRS = {
    "rearrange": ("eb-hab", "embodiedbench.envs.eb_habitat.EBHabEnv", "EBHabEnv"),
    "navigate": ("eb-nav", "embodiedbench.envs.eb_navigation.EBNavEnv", "EBNavigationEnv"),
    "household": ("eb-alf", "embodiedbench.envs.eb_alfred.EBAlfEnv", "EBAlfEnv"),
}
"""Of our suite: their name of the environment, the module and the class that is replaced."""
UNUSED = ("lmdeploy", "anthropic", "google", "google.generativeai")
"""What their client imports for other models than those behind an OpenAI-compatible endpoint."""


class Absent(ModuleType):
    """Stands for a package that is not installed; whatever is taken from it fails when it is called."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def missing(*args: Any, **kwargs: Any) -> None:
            raise ConfigError(f"{self.__name__} is not installed, which this model needs.")

        return missing


def eval_sets(suite: str, tasks: Sequence[EmbodiedTask]) -> dict[str, list[EmbodiedTask]]:
    """Return the tasks by what their evaluator takes for a subset.

    Its planner for EB-Habitat lists the actions once for each; ours are other ones in every apartment.
    """
    sets: dict[str, list[EmbodiedTask]] = {}
    for task in tasks:
        sets.setdefault(f"{task.subset}/{task.world}" if suite == "rearrange" else task.subset, []).append(task)
    return sets


def put_in_place(suite: str, sets: dict[str, list[EmbodiedTask]], scene: bool) -> None:
    """Let their evaluator find our environment where it looks for its own."""
    _, path, name = THEIRS[suite]

    def make(eval_set: str, exp_name: str = "", resolution: int = 500, **kwargs: Any) -> EmbodiedBenchSurface:
        env = suites[suite].make(observation="vision", picture_size=resolution)
        return EmbodiedBenchSurface(env, sets[eval_set], f"running/{suite}/{exp_name}", scene_in_pictures=scene)

    module = ModuleType(path)
    module.__dict__.update({name: make, "ValidEvalSets": list(sets)})
    sys.modules[path] = module
    for package in UNUSED:
        try:
            importlib.import_module(package)
        except ImportError:
            sys.modules[package] = Absent(package)


def shipped(checkout: Path, suite: str) -> dict[str, Any]:
    """Return the configuration of their evaluator as they ship it."""
    path = checkout / "embodiedbench" / "configs" / f"{THEIRS[suite][0]}.yaml"
    try:
        config: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{checkout} is no checkout of EmbodiedBench: {error}.") from error
    return config


def evaluator(checkout: Path, suite: str) -> Callable[[dict[str, Any]], Any]:
    """Return the class of their evaluator."""
    here = Path(__file__).resolve().parent  # this file has the name of their package
    sys.path[:] = [str(checkout), *(path for path in sys.path if Path(path).resolve() != here)]
    main = importlib.import_module("embodiedbench.main")
    found: Callable[[dict[str, Any]], Any] = main.get_evaluator(THEIRS[suite][0])
    return found


def summary(folder: Path) -> dict[str, Any]:
    """Return the means of what their evaluator wrote for each episode."""
    episodes = [json.loads(path.read_text()) for path in sorted(folder.rglob("episode_*_final_res.json"))]
    values: dict[str, list[float]] = {}
    for episode in episodes:
        for name, value in episode.items():  # the reward of an episode without a step is NaN
            if isinstance(value, int | float) and math.isfinite(value):
                values.setdefault(name, []).append(value)
    return {"episodes": len(episodes), "means": {name: sum(found) / len(found) for name, found in values.items()}}


@dataclass(frozen=True)
class Score:
    """Score a model with EmbodiedBench's own evaluator on our simulator."""

    checkout: Path
    """Folder of EmbodiedBench's repository."""
    suite: str
    """rearrange, navigate or household; with :SUBSET for one subset."""
    model: str
    """Its client talks to OPENAI_BASE_URL if "gpt" is in the name, and asks a provider of its own for many others."""
    base_url: str | None = None
    """Of the endpoint, in the place of OPENAI_BASE_URL."""
    episodes: int | None = None
    """Only the first N tasks."""
    out: Path = Path("runs/embodiedbench")
    """A new folder for what it writes; the means are in scores.json."""
    scene: bool = False
    """Tell robomem serve what is seen, for agents without vision; other endpoints do not notice."""
    config: dict[str, str] = field(default_factory=dict)
    """Of its own settings, such as chat_history 1 n_shots 0."""

    def run(self) -> None:
        """Let their evaluator run, and write the means of what it found."""
        suite, _, subset = self.suite.partition(":")
        if suite not in THEIRS:
            raise ConfigError(f"None of its evaluators is run on {suite!r} here. {suggest(suite, THEIRS)}")
        if self.out.exists():
            raise ConfigError(f"{self.out} is there already; choose another --out.")
        checkout = self.checkout.resolve()
        config = shipped(checkout, suite)
        sets = eval_sets(suite, suites[suite].tasks(subset or None)[: self.episodes])
        config |= {"model_name": self.model, "eval_sets": list(sets), "exp_name": "robomem"}
        config |= {key: yaml.safe_load(value) for key, value in self.config.items()}
        put_in_place(suite, sets, self.scene)
        self.out.mkdir(parents=True)
        os.chdir(self.out)  # their code links data into the working folder, and writes there
        os.environ |= {"OPENAI_BASE_URL": self.base_url} if self.base_url else {}
        evaluation = evaluator(checkout, suite)(config)
        evaluation.check_config_valid()
        evaluation.evaluate_main()
        scores = summary(Path("running"))
        write_json(Path("scores.json"), {"suite": self.suite, "model": self.model, "config": config, **scores})
        print(json.dumps(scores, indent=2))


if __name__ == "__main__":
    try:
        tyro.cli(Score).run()
    except RobomemError as error:
        sys.exit(str(error))
