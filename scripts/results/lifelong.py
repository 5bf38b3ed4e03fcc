"""Make docs/results/lifelong.{md,json}: the planner with its memory, without, and without each part of it.

.venv/bin/python scripts/results/lifelong.py --jobs 2       # plays what is missing, writes the page
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tyro

from robomem.embodied import AgentOptions, suites
from robomem.evaluate.embodied import EpisodeRecord, SuiteRun, compare, evaluate_suite, score
from robomem.evaluate.statistics import Interval, bootstrap_difference
from robomem.evaluate.tables import table
from robomem.serialization import write_atomically, write_json
from robomem.train.facts import facts

ARMS = ("full", "none", "-spatial", "-episodic", "-semantic", "-temporal", "-critic")
SUITES = ("household", "rearrange")
LIFELONG = "lifelong"


@dataclass(frozen=True)
class Page:
    """What to play."""

    root: Path = Path("runs/lifelong")
    """Where the runs are."""
    jobs: int = 2
    """Episodes at once."""
    episodes: int | None = None
    """Worlds of the lifelong sets and tasks of each other subset; all if not given."""
    others: bool = True
    """Play the other subsets too, for which no memory is needed."""
    encoder: str = "minilm"
    """Of text."""
    out: Path = Path("docs/results")
    """Where the page goes."""


def play(asked: Page, name: str, agent: str, memory: str | None, held_out: bool) -> SuiteRun:
    """Play tasks, or read what was played."""
    folder = asked.root / "-".join([name.replace(":", "-"), agent, *([memory.strip("-")] if memory else [])])
    extra = {"encoder": asked.encoder} if agent == "planner" and memory != "none" else {}
    run = evaluate_suite(
        name,
        agent,
        folder.with_name(folder.name + ("-held-out" if held_out else "")),
        options=AgentOptions(memory=memory, extra=extra),
        held_out=held_out,
        episodes=asked.episodes,
        jobs=asked.jobs,
        film=0,
    )
    print(name, agent, memory or "", "held out" if held_out else "", score(run.records).success.show(".2f"), flush=True)
    return run


def pooled(title: str, runs: Sequence[SuiteRun], keep: Callable[[EpisodeRecord], bool]) -> SuiteRun:
    """Return the episodes of several suites as one run."""
    settings = {"suite": "+".join(SUITES), "held_out": "both", "agent": title}
    return SuiteRun(settings, tuple(record for run in runs for record in run.records if keep(record)))


def steps_saved(ours: SuiteRun, theirs: SuiteRun) -> tuple[int, float, float, Interval]:
    """Return, over the episodes in which both succeeded: how many, the mean steps of each, and their difference."""
    solved = {(one.task, one.seed): one.env_steps for one in theirs.records if one.success}
    pairs = [(one.env_steps, solved[one.task, one.seed]) for one in ours.records
             if one.success and (one.task, one.seed) in solved]  # fmt: skip
    a, b = [float(one) for one, _ in pairs], [float(other) for _, other in pairs]
    return len(pairs), sum(a) / len(a), sum(b) / len(b), bootstrap_difference(a, b)


def arm_rows(runs: dict[str, list[SuiteRun]]) -> tuple[list[list[Any]], dict[str, Any]]:
    rows, twin = [], {}
    parts = {"first": lambda one: one.day == 0, "later": lambda one: one.day > 0}
    full = {part: pooled("full", runs["full"], keep) for part, keep in parts.items()}
    for arm, own in runs.items():
        ours = {part: pooled(arm, own, keep) for part, keep in parts.items()}
        found = {part: score(run.records) for part, run in ours.items()}
        row = [f"`{arm}`", found["first"].success.show(".3f"), found["later"].success.show(".3f")]
        twin[arm] = {part: one.to_json() for part, one in found.items()}
        if arm == "full":
            row += ["", "", "", ""]
        else:
            gain = {part: compare(full[part], ours[part]).parts[LIFELONG] for part in parts}
            count, a, b, saved = steps_saved(full["later"], ours["later"])
            row += [gain["first"].success.show("+.3f"), gain["later"].success.show("+.3f")]
            row += [f"{a:.2f} against {b:.2f} ({count})", saved.show("+.2f")]
            twin[arm]["full minus this"] = {part: asdict(one) for part, one in gain.items()}
            twin[arm]["steps, full minus this, later, where both succeed"] = {"episodes": count, **asdict(saved)}
        row.append(f"{found['later'].latency_s:.2g}")
        rows.append(row)
    return rows, twin


def set_rows(runs: dict[str, list[SuiteRun]]) -> list[list[Any]]:
    """Later visits by suite and set: full against none."""
    rows = []
    for ours, theirs in zip(runs["full"], runs["none"]):
        held = "held out" if ours.settings["held_out"] else "normal"
        later = [SuiteRun(run.settings, tuple(one for one in run.records if one.day)) for run in (ours, theirs)]
        part = compare(*later).parts[LIFELONG]
        rows.append([ours.settings["suite"], held, part.episodes, f"{part.ours:.3f}", f"{part.theirs:.3f}",
                     part.success.show("+.3f"), part.only_ours, part.only_theirs])  # fmt: skip
    return rows


def other_rows(pairs: dict[str, tuple[SuiteRun, SuiteRun]]) -> tuple[list[list[Any]], dict[str, Any]]:
    rows, twin = [], {}
    for name, (ours, theirs) in pairs.items():
        part = next(iter(compare(ours, theirs).parts.values()))
        count, a, b, saved = steps_saved(ours, theirs)
        rows.append([name, part.episodes, f"{part.ours:.3f}", f"{part.theirs:.3f}", part.success.show("+.3f"),
                     f"{a:.1f} against {b:.1f} ({count})", saved.show("+.2f")])  # fmt: skip
        twin[name] = {**asdict(part), "steps": asdict(saved)}
    return rows, twin


def page(asked: Page, arms: list[list[Any]], sets: list[list[Any]], others: list[list[Any]]) -> str:
    parts = [
        "# Lifelong memory in the suites\n",
        "The agent `planner` with rules in every role: no language model. `household` and `rearrange`, their lifelong "
        "sets, normal and held-out tasks together (nothing was tuned on the latter). Success with its Wilson 95 % "
        "interval. Differences are of the same episodes, paired (Newcombe's interval for success, bootstrap for "
        "steps); they take episodes for independent, which those of one apartment are not quite. There are fewer "
        "first visits than 100: four tasks in each apartment. A call of the planner is one action, not one plan.\n",
        table(
            ["memory", "first visits", "later visits", "full minus this, first", "full minus this, later",
             "steps on later visits where both succeed, full against this", "difference", "s/call"],
            arms,
        ),
        "\nTwo fifths of the tasks of later visits leave the place to what was told on the first day: they cannot be "
        "understood without semantic memory. The other three fifths say all that is needed: there memory can save "
        "steps. Every task sets its world up anew, so what the robot carried about is back where it was when the next "
        "task begins; people move four things a day. The planner's grammar, the forms in which it understands that "
        "something is liked, and the tasks' templates have one author, which flatters it.\n",
        "\n## Later visits by set: full against none\n",
        table(["suite", "tasks", "episodes", "full", "none", "difference", "full alone", "none alone"], sets),
    ]  # fmt: skip
    if others:
        parts += [
            "\n## Where no memory is needed: planner with full memory against `rules`\n",
            "Each task is a first visit. `rules` answers several steps at once, without a critic.\n",
            table(
                ["subset", "episodes", "planner", "rules", "difference", "steps where both succeed", "difference"],
                others,
            ),
        ]
    command = f"scripts/results/lifelong.py --jobs {asked.jobs}" + (
        f" --encoder {asked.encoder}" if asked.encoder != "minilm" else ""
    )
    parts += [
        "\n## How it was made\n",
        f"`.venv/bin/python {command}` (a run that was stopped goes on), encoder `{asked.encoder}`. "
        f"{platform.machine()}, 2 shared cores, Python {platform.python_version()}, commit {facts()['git']}. All "
        "numbers: `lifelong.json` beside this page.\n",
    ]
    return "\n".join(parts)


def main(asked: Page) -> None:
    runs: dict[str, list[SuiteRun]] = {}
    for arm in ARMS:
        cells = [(name, held_out) for name in SUITES for held_out in (False, True)]
        runs[arm] = [play(asked, f"{name}:{LIFELONG}", "planner", arm, held_out) for name, held_out in cells]
    pairs = {}
    if asked.others:
        for name in SUITES:
            for subset in [one for one in suites[name].subsets() if one != LIFELONG]:
                both = [play(asked, f"{name}:{subset}", agent, memory, False)
                        for agent, memory in (("planner", "full"), ("rules", None))]  # fmt: skip
                pairs[f"{name}:{subset}"] = (both[0], both[1])
    arms, twin = arm_rows(runs)
    others, other_twin = other_rows(pairs)
    content = {"encoder": asked.encoder, "arms": twin, "others": other_twin, "commit": facts()["git"]}
    write_json(asked.out / "lifelong.json", content)
    write_atomically(asked.out / "lifelong.md", page(asked, arms, set_rows(runs), others).encode())
    print(f"-> {asked.out / 'lifelong.md'}")


if __name__ == "__main__":
    main(tyro.cli(Page, description=__doc__))
