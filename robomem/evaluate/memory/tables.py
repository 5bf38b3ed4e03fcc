"""A run of the benchmark as Markdown and as files."""

from __future__ import annotations

import json
from pathlib import Path

from robomem.evaluate.memory.questions import KINDS
from robomem.evaluate.memory.run import Benchmark
from robomem.evaluate.memory.score import Score
from robomem.evaluate.tables import table
from robomem.serialization import write_atomically, write_json

__all__ = ["HOW_TO_READ", "cost_rows", "markdown", "rows", "write_benchmark"]

HOW_TO_READ = (
    "Shares carry their Wilson 95 % interval, means over worlds a bootstrap interval; in brackets the number of cases. "
    "The questions about one world are not independent, which the intervals do not know. "
    "*Recall@k*: needed facts among the first k statements. *Contradictions*: precision is the share of ended facts "
    "that were not so when they were ended, recall the share of contradicted claims that are held no more; a memory "
    "that ends nothing has recall 0. *Same thing*: pairs of sightings. *Stale*: answers that name what was so once, or "
    "was falsely said.\n"
)


def rows(benchmark: Benchmark) -> list[list[str]]:
    """Return the numbers, a row for each, a column for each system."""
    found = list(benchmark.scores.values())

    def row(name: str, *cells: str) -> list[str]:
        return [name, *cells]

    told = [row(f"{kind}: {KINDS[kind]}", *(one.kinds[kind].show() for one in found)) for kind in KINDS]
    depths = sorted({k for one in found for k in one.recall})
    return [
        row("**right answers**", *(one.accuracy.show() for one in found)),
        *told,
        row("**stale answers**", *(one.stale.show() for one in found)),
        *(row(f"recall@{k}", *(one.recall[k].show() for one in found)) for k in depths),
        row("contradictions, precision", *(one.ended_rightly.show() for one in found)),
        row("contradictions, recall", *(one.ended_where_due.show() for one in found)),
        row("same thing, precision", *(one.same_precision.show() for one in found)),
        row("same thing, recall", *(one.same_recall.show() for one in found)),
        row("abstention, precision", *(one.abstained_rightly.show() for one in found)),
        row("abstention, recall", *(one.abstained_where_due.show() for one in found)),
        row("characters for the reader", *(_characters(one) for one in found)),
    ]


def cost_rows(benchmark: Benchmark) -> list[list[str]]:
    """Return what depends on the machine, as ``rows``."""
    costs = [one.cost for one in benchmark.scores.values()]
    return [
        ["write, p50 / p95 ms", *(f"{1e3 * one.write_s[0]:.2f} / {1e3 * one.write_s[1]:.2f}" for one in costs)],
        ["read, p50 / p95 ms", *(f"{1e3 * one.read_s[0]:.2f} / {1e3 * one.read_s[1]:.2f}" for one in costs)],
        ["kB a world", *(f"{one.bytes / 1e3:.0f}" for one in costs)],
        ["bytes an observation", *(f"{one.bytes_per_step:.0f}" for one in costs)],
    ]


def markdown(benchmark: Benchmark, title: str = "# Memory benchmark") -> str:
    """Return a run as a page."""
    given = benchmark.settings
    difficulty = given["difficulty"]
    header = [f"{difficulty['name']}, {given['questions']} questions", *benchmark.scores]
    settings = [[name, f"`{json.dumps(value)}`"] for name, value in given.items() if name != "difficulty"]
    settings += [[name, f"`{json.dumps(value)}`"] for name, value in difficulty.items()]
    return (
        f"{title}\n\n{table(header, rows(benchmark))}\n{HOW_TO_READ}\n"
        f"## Cost\n\n{table(['', *benchmark.scores], cost_rows(benchmark))}\n"
        f"## Settings\n\n{table(['setting', 'value'], settings)}"
    )


def write_benchmark(benchmark: Benchmark, folder: Path | str) -> Path:
    """Write ``memory.json`` and ``memory.md``, each atomically; return the folder."""
    folder = Path(folder)
    write_json(folder / "memory.json", benchmark.to_json())
    write_atomically(folder / "memory.md", markdown(benchmark).encode())
    return folder


def _characters(one: Score) -> str:
    return "n/a" if one.characters.interval is None else one.characters.interval.show(",.0f")
