"""Make docs/results/embodied.{md,json}: random, rules and oracle on every suite and subset.

.venv/bin/python scripts/results/embodied.py --jobs 2       # plays what is missing, writes the page
"""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from robomem.embodied import suites
from robomem.evaluate.embodied import SuiteRun, evaluate_suite, scores, visits
from robomem.evaluate.tables import table
from robomem.serialization import write_atomically, write_json
from robomem.train.facts import facts

AGENTS = ("random", "rules", "oracle")
SUITES = ("household", "rearrange", "navigate", "manipulate")
PUBLISHED = (
    ("Claude-3.7-Sonnet", "67.7", "58.7", "45.0", "28.5"),
    ("Claude-3.5-Sonnet", "64.0", "68.0", "44.7", "25.4"),
    ("Gemini-1.5-Pro", "62.3", "56.3", "24.3", "21.1"),
    ("GPT-4o", "56.3", "59.0", "57.7", "28.9"),
    ("GPT-4o, without pictures", "58.0", "56.0", "17.4", "16.2"),
    ("InternVL3-78B", "39.0", "55.0", "53.7", "26.3"),
    ("Qwen2.5-VL-72B", "39.7", "37.7", "40.0", "16.2"),
)
"""Average success in per cent on EB-ALFRED, -Habitat, -Navigation and -Manipulation, in EmbodiedBench's simulators."""


@dataclass(frozen=True)
class Page:
    """What to play."""

    root: Path = Path("runs/embodied")
    """Where the runs are."""
    jobs: int = 2
    """Episodes at once."""
    episodes: int | None = None
    """Of each subset; all if not given."""
    held_out: bool = False
    """Play the held-out tasks."""
    out: Path = Path("docs/results")
    """Where the page goes."""


def speed(name: str, tasks: int = 5) -> dict[str, float]:
    """Return steps of the oracle a second of CPU time, told in symbols and with a picture of 500 x 500, and loading."""
    suite, found = suites[name], {}
    for observation in ("symbolic", "vision"):
        env = suite.make(observation=observation)
        env.reset(options={"task": suite.tasks("base")[0]})
        steps, stepping, loading = 0, 0.0, []
        for task in suite.tasks("base")[:tasks]:
            begin = time.process_time()
            env.reset(options={"task": task})
            loading.append(time.process_time() - begin)
            for action in env.expert_plan():
                begin = time.process_time()
                *_, terminated, truncated, _ = env.step(action)
                stepping, steps = stepping + time.process_time() - begin, steps + 1
                if terminated or truncated:
                    break
        env.close()
        found[observation], found[f"{observation}_load_s"] = steps / stepping, sum(loading) / len(loading)
    return found


def page(runs: dict[str, dict[str, SuiteRun]], speeds: dict[str, dict[str, float]]) -> str:
    parts = [
        "# Embodied suites\n",
        "Success with its Wilson 95 % interval and, in brackets after it, the mean share of the goals that held at the "
        "end; all tasks of each subset, symbolic observations, one run (`random` is seeded, the others are "
        "deterministic). `oracle` sees hidden state and is the ceiling of the tasks; `rules` is the embedded planner: "
        "no language model, nothing but what it has observed.\n",
    ]
    for name, by_agent in runs.items():
        found = {agent: scores(run) for agent, run in by_agent.items()}
        rows = [
            [subset, found["random"][subset].episodes]
            + [
                f"{found[agent][subset].success.show('.2f')} ({found[agent][subset].progress.value:.2f})"
                for agent in by_agent
            ]
            + [f"{found[agent][subset].means['env_steps']:.1f}" for agent in ("rules", "oracle")]
            for subset in found["random"]
        ]
        header = ["subset", "tasks", *by_agent, "steps, rules", "steps, oracle"]
        parts += [f"\n## {name}\n", table(header, rows)]
        for agent, run in by_agent.items():
            for subset, seen in visits(run).items():
                parts.append(
                    f"\n`{agent}`, {subset}: first visits {seen.first.success.show('.2f')}, later visits "
                    f"{seen.later.success.show('.2f')}, difference {seen.difference.show('.2f')}.\n"
                )
    rows = [
        [name, f"{s['symbolic']:.0f}", f"{s['vision']:.1f}", f"{s['symbolic_load_s']:.2f}"]
        for name, s in speeds.items()
    ]
    parts += [
        "\n\n## Speed\n",
        "Steps of the oracle a second of CPU time on one core, `fast` motion, and seconds of CPU time that the world "
        "of an episode takes to load after the first.\n",
        table(["suite", "symbols", "with a picture of 500 × 500", "load, s"], rows),
        "\n\n## For orientation: published scores of the original benchmark\n",
        "EmbodiedBench's own tasks in its own simulators (Yang et al. 2025, arXiv 2502.09560): **another simulator and "
        "other tasks; not comparable number by number.** Average success, per cent.\n",
        table(["model", "EB-ALFRED", "EB-Habitat", "EB-Navigation", "EB-Manipulation"], PUBLISHED),
        "\n\n## How it was made\n",
        "`.venv/bin/python scripts/results/embodied.py --jobs 2` (a run that was stopped goes on). "
        f"{platform.machine()}, 2 shared cores, Python {platform.python_version()}, commit {facts()['git']}. Numbers "
        "by subset: `embodied.json` beside this page.\n",
    ]
    return "\n".join(parts)


def main(asked: Page) -> None:
    runs: dict[str, dict[str, SuiteRun]] = {}
    for name in SUITES:
        for agent in AGENTS:
            folder = asked.root / f"{name}-{agent}"
            options: dict[str, Any] = {"held_out": asked.held_out, "episodes": asked.episodes, "jobs": asked.jobs}
            runs.setdefault(name, {})[agent] = evaluate_suite(name, agent, folder, film=0, **options)
            print(name, agent, {key: one.success.show(".2f") for key, one in scores(runs[name][agent]).items()})
    speeds = {name: speed(name) for name in SUITES}
    twin = {
        "runs": {
            f"{name} {agent}": {
                "settings": dict(run.settings),
                "scores": {subset: one.to_json() for subset, one in scores(run).items()},
                "visits": {subset: one.to_json() for subset, one in visits(run).items()},
            }
            for name, by_agent in runs.items()
            for agent, run in by_agent.items()
        },
        "speed": speeds,
        "published": [list(row) for row in PUBLISHED],
    }
    write_json(asked.out / "embodied.json", twin)
    write_atomically(asked.out / "embodied.md", page(runs, speeds).encode())
    print(f"-> {asked.out / 'embodied.md'}")


if __name__ == "__main__":
    main(tyro.cli(Page, description=__doc__))
