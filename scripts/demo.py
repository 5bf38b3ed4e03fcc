"""The main job: train an arm that remembers and its memoryless twin, side by side, and show the difference.

    make demo            # or: .venv/bin/python scripts/demo.py --help

Both train on RecallReach with the same budget (preset ``demo``), one process each; both are evaluated on the same
held-out episodes. What it leaves: ``runs/demo/report.html`` and the run folders. Stopped half-way, it goes on where it
was.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import tyro
from rich.console import Console
from rich.live import Live
from rich.table import Table

from robomem import policy as policies
from robomem.errors import RobomemError
from robomem.evaluate import evaluate
from robomem.evaluate.chart import group
from robomem.evaluate.curves import read_curve
from robomem.evaluate.files import write, write_film
from robomem.evaluate.report import Entry, write_report
from robomem.evaluate.tables import comparison

console = Console()

TWINS = {
    "hcam": ("HCAM: remembers", "Hierarchical chunk attention (Lampinen et al. 2021) recalls which pad was lit."),
    "none": ("no memory", "The same network without a memory: once the light is off, it can only guess."),
}


@dataclass(frozen=True)
class Demo:
    """Train HCAM and its memoryless twin on RecallReach, evaluate both, write a report."""

    out: Path = Path("runs/demo")
    """Folder of the runs and the report."""
    preset: str = "demo"
    """Preset to train with."""
    seed: int = 0
    """Of both runs."""
    episodes: int = 200
    """Held-out episodes of the final evaluation."""


def main(demo: Demo) -> int:
    started = time.monotonic()
    runs = {memory: demo.out / memory for memory in TWINS}
    console.print(
        "[bold]RecallReach[/]: one of four pads lights up for a quarter of a second and goes dark. A second later the "
        "arm must touch that pad.\nTwo agents learn it now with equal budgets, one with memory and one without.\n"
    )
    if not train(demo, runs):
        return 1
    evaluations, entries = {}, []
    for memory, run in runs.items():
        title, text = TWINS[memory]
        agent = policies.load(run)
        evaluations[title] = evaluate(
            agent, "robomem/RecallReach-v0", episodes=demo.episodes, seed=demo.seed + 1, label=title
        )
        write(evaluations[title], run)
        film = write_film(evaluations[title], agent, run, episodes=2)
        entries.append(Entry(title, text, evaluations[title], [film]))
    lines = [group(TWINS[memory][0], [read_curve(run)]) for memory, run in runs.items()]
    report = write_report(
        demo.out / "report.html",
        "An arm that remembers",
        entries,
        text="One of four pads lights up and goes dark; after a delay the arm must touch it. "
        "Both agents had the same training; a guess is right one time in four.",
        lines=lines,
    )
    console.print(comparison(evaluations, against=TWINS["none"][0]), markup=False)
    console.print(f"\n[bold]{(time.monotonic() - started) / 60:.1f} minutes.[/] Open [bold]{report}[/]; then try:")
    console.print(f"  .venv/bin/robomem play {runs['hcam']}             watch it (or a film, without a screen)")
    console.print(f"  .venv/bin/robomem eval {runs['hcam']} --env-kwargs delay=80   four times the delay it learnt")
    console.print("  .venv/bin/robomem train shell-game --memory gru    another task, another memory")
    return 0


def train(demo: Demo, runs: dict[str, Path]) -> bool:
    """Train every run that is not finished, all at once; return whether all finished."""
    processes: dict[str, subprocess.Popen[bytes]] = {}
    for memory, run in runs.items():
        if (run / "result.json").is_file():
            console.print(f"{run} is finished already; remove {demo.out} to train anew.")
            continue
        if (run / "checkpoints").is_dir():
            verb = ["train", "--resume", str(run)]
        else:
            verb = ["train", "--preset", demo.preset, "--memory", memory, "--seed", str(demo.seed), "--out", str(run)]
        run.parent.mkdir(parents=True, exist_ok=True)
        with (run.parent / f"{memory}.log").open("ab") as log:
            command = [sys.executable, "-m", "robomem", *verb]
            processes[memory] = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        with Live(table(runs, processes), console=console, refresh_per_second=2) as live:
            while any(process.poll() is None for process in processes.values()):
                time.sleep(0.5)
                live.update(table(runs, processes))
            live.update(table(runs, processes))
    except KeyboardInterrupt:
        for process in processes.values():
            process.send_signal(signal.SIGINT)
        for process in processes.values():
            process.wait()
        console.print("\nStopped; both runs are saved. `make demo` goes on where they were.")
        return False
    for memory, process in processes.items():
        if process.returncode:
            console.print(f"[red]{memory} ended with exit status {process.returncode}[/]; the end of its log:")
            console.print((demo.out / f"{memory}.log").read_text()[-1500:], markup=False)
    return not any(process.returncode for process in processes.values())


def table(runs: dict[str, Path], processes: dict[str, subprocess.Popen[bytes]]) -> Table:
    """Show where each run is."""
    view = Table("agent", "steps", "success on held-out episodes", "", box=None, pad_edge=False)
    for memory, run in runs.items():
        try:
            curve = read_curve(run)
        except RobomemError:
            curve = []
        last = curve[-1] if curve else {"step": 0, "success": None}
        rate = last["success"]
        bar = "" if rate is None else "█" * round(20 * rate) + "░" * (20 - round(20 * rate)) + f" {rate:4.0%}"
        running = memory in processes and processes[memory].poll() is None
        view.add_row(TWINS[memory][0], f"{last['step']:,}", bar, "learning …" if running else "done")
    return view


if __name__ == "__main__":
    try:
        sys.exit(main(tyro.cli(Demo)))
    except RobomemError as error:
        console.print(f"[red]{error}[/]")
        sys.exit(2)
