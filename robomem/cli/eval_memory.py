"""``robomem eval memory``: lifelong memories in scripted worlds whose truth is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from robomem.cli.parse import OptionalPath

__all__ = ["EvalMemory"]

SystemName = Annotated[str, tyro.conf.arg(metavar="NAME")]


@dataclass(frozen=True)
class EvalMemory:
    """Measure memories: recall, answers, stale answers, contradictions, re-identification, abstention, cost.

    Scripted worlds with their truth, an observation stream with stated noise, a reader that goes by rules.

    robomem eval memory · robomem eval memory --system lifelong --variant hard --worlds 50
    """

    system: SystemName = "all"
    """lifelong, flat (a vector store), history (all in the prompt), a plugin's, or all of them."""
    worlds: int = 20
    """How many worlds, with some 24 questions each."""
    seed: int = 0
    """From which the worlds' seeds are derived: the same seed means the same worlds for every system."""
    encoder: SystemName = "minilm"
    """Of texts, for all systems: minilm, hash (knows no meanings), st:NAME or openai:MODEL@URL."""
    variant: SystemName = "standard"
    """How hard the worlds are: standard, hard (more noise, equal twins) or long (30 days)."""
    top: int = 40
    """How many statements the flat store's search returns."""
    budget: int = 20_000
    """How many characters of history fit into the prompt."""
    out: OptionalPath = None
    """Folder for memory.json and memory.md; by default runs/memory/VARIANT…"""
    json: bool = False
    """Print JSON instead of a table."""

    def run(self) -> int:
        """Measure, print the table and write the files."""
        from rich.table import Table

        from robomem.cli.console import out, progress
        from robomem.evaluate.memory import find_variant, memory_systems, run_benchmark, write_benchmark
        from robomem.evaluate.memory.tables import cost_rows, rows

        systems = list(memory_systems) if self.system == "all" else [self.system]
        with progress(f"{self.system} in {self.variant} worlds") as report:
            found = run_benchmark(
                systems,
                find_variant(self.variant),
                worlds=self.worlds,
                seed=self.seed,
                encoder=self.encoder,
                top=self.top,
                budget=self.budget,
                progress=report,
            )
        folder = write_benchmark(found, self.out or self._default_folder())
        if self.json:
            out.print(json.dumps(found.to_json(), indent=2), markup=False)
            return 0
        shown = Table("", *found.scores, box=None)
        for row in [*rows(found), *cost_rows(found)]:
            shown.add_row(row[0].split(":")[0].strip("*"), *row[1:])
        out.print(shown, soft_wrap=False)
        counts = f"{found.settings['questions']} questions about {self.worlds} {self.variant} worlds"
        out.print(f"{counts} -> {folder}", markup=False)
        return 0

    def _default_folder(self) -> Path:
        words = [self.variant, "" if self.system == "all" else self.system, self.encoder]
        name = "-".join(word.replace("/", "_") for word in words if word)
        return Path("runs", "memory", name if self.seed == 0 else f"{name}-s{self.seed}")
