"""The scan layer against the machine's arithmetic and against mambapy. Writes docs/results/scan.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/scan.py --mambapy FOLDER

FOLDER is where the peer was put, apart from our environment: pip install --no-deps --target FOLDER mambapy.

One layer of width 256 over some steps, 8 rows, float32, forward and backward. Each rival has a process of its own, and
they take turns round by round; times are process CPU time on one thread, the least of the rounds. The floor is the
multiplications of our layer (its projections and the chunked scan's, three times the forward pass's) at the rate of a
large matrix product. mambapy's layer is Mamba-1 (another recurrence, of 16 numbers a channel): what a user of a pure
PyTorch Mamba has instead, not the same arithmetic. It is timed as it comes and with glibc told to keep freed memory, as
our training tells it.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import distributions
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import torch
import tyro
from sequence import learning, table

from robomem.sequence.mamba2 import Mamba2Layer
from robomem.train.process import settle

RESULTS = Path(__file__).parents[2] / "docs" / "results"
WIDTH, EXPAND, STATE, HEAD, ROWS, BLOCK = 256, 2, 64, 64, 8, 64
GEMM = 1024
FLOOR_AIM, PEER_AIM = 3.0, 6.0


def flops_a_step() -> float:
    """Floating-point operations of our layer's matrix products for one step of one row, forward.

    Projections 2 d (2 E + 2 N + H) + 2 E d; scan 2 Q N for the scores, 2 Q E for what they weigh, 4 N E for the states.
    """
    inner = EXPAND * WIDTH
    projections = 2 * WIDTH * (2 * inner + 2 * STATE + inner // HEAD) + 2 * inner * WIDTH
    return projections + 2 * BLOCK * STATE + 2 * BLOCK * inner + 4 * STATE * inner


def ours(steps: int) -> Callable[[], object]:
    """Forward and backward of our layer."""
    layer = Mamba2Layer(WIDTH, STATE, HEAD, EXPAND, 4, BLOCK)
    h = torch.randn(ROWS, steps, WIDTH, requires_grad=True)
    state, tail = torch.zeros(ROWS, *layer.scan_shape), torch.zeros(ROWS, *layer.tail_shape)
    age, episode = torch.arange(steps).expand(ROWS, -1), torch.zeros(ROWS, steps, dtype=torch.int64)
    return learning(layer, lambda: layer(h, state, tail, age, episode)[0])


def product(steps: int) -> Callable[[], object]:
    """A matrix product."""
    a, b = torch.randn(GEMM, GEMM), torch.randn(GEMM, GEMM)
    return lambda: a @ b


def peer(steps: int) -> Callable[[], object]:
    """Forward and backward of mambapy's layer."""
    from mambapy.mamba import MambaBlock, MambaConfig

    layer = MambaBlock(MambaConfig(d_model=WIDTH, n_layers=1, d_state=16, expand_factor=EXPAND))
    h = torch.randn(ROWS, steps, WIDTH, requires_grad=True)
    return learning(layer, lambda: layer(h))


def rival(pipe: Connection, name: str, steps: int, folder: Path | None) -> None:
    """Time one call whenever asked, until told to end."""
    torch.set_num_threads(1)
    if name != "as it comes":
        settle()
    if folder is not None:
        sys.path.insert(0, str(folder))
    torch.manual_seed(0)
    work = {"layer": ours, "product": product}.get(name, peer)(steps)
    work()
    while pipe.recv():
        start = time.process_time()
        work()
        pipe.send(1e3 * (time.process_time() - start))


def measure(names: list[str], folder: Path | None, steps: int, rounds: int) -> dict[str, float]:
    """Return CPU milliseconds of each rival and of the floor."""
    context = get_context("spawn")
    pipes, processes = {}, []
    for name in names:
        pipes[name], theirs = context.Pipe()
        processes.append(context.Process(target=rival, args=(theirs, name, steps, folder), daemon=True))
        processes[-1].start()
    best = dict.fromkeys(names, float("inf"))
    for _ in range(rounds):
        for name, pipe in pipes.items():
            pipe.send(True)
            best[name] = min(best[name], pipe.recv())
    for pipe, process in zip(pipes.values(), processes):
        pipe.send(False)
        process.join()
    floor = 3 * ROWS * steps * flops_a_step() / (2 * GEMM**3 / best["product"])
    return {"steps": steps, **best, "floor": floor}


def report(found: list[dict[str, float]], setting: dict[str, str | int]) -> str:
    """The Markdown page."""
    peers = [name for name in ("as it comes", "memory kept") if name in found[0]]
    rows = [
        [f"{one['steps']}", f"{one['layer']:.0f}", f"{one['floor']:.0f}", f"{one['layer'] / one['floor']:.2f}×"]
        + [f"{one[name]:.0f}, {one[name] / one['layer']:.1f}×" for name in peers]
        + [f"{2 * GEMM**3 / one['product'] / 1e6:.0f}"]
        for one in found
    ]
    last = found[-1]
    told = f"{last['layer'] / last['floor']:.2f}× its floor (aim: at most {FLOOR_AIM:g}×)"
    for name in peers:
        told += f"; mambapy, {name}, takes {last[name] / last['layer']:.1f}× as long (aim: at least {PEER_AIM:g}×)"
    head = ["T", "layer, ms", "floor, ms", "layer / floor", *(f"mambapy, {name}, ms" for name in peers), "GFLOP/s"]
    return f"""# The scan layer: speed

Written by `scripts/bench/scan.py`. One layer, forward and backward, width {WIDTH}, expand {EXPAND}, state {STATE},
{ROWS} rows, float32; process CPU milliseconds on one torch thread, the least of {setting["rounds"]} rounds in which the
rivals, each in its process, take turns. {setting["machine"]}, torch {setting["torch"]}, mambapy {setting["mambapy"]}.
Read the ratios: at {last["steps"]} steps our layer takes {told}.

The floor is the layer's matrix products alone at the rate of a {GEMM}³ product, measured in the same rounds. What lies
between is element by element: gates, norms, decays, the short convolution. mambapy's layer is Mamba-1, with 16 numbers
a channel where ours has {STATE} shared ones: what pure PyTorch offered before, not the same arithmetic. *As it comes*:
glibc gives every large tensor back to the system; *memory kept*: it is told not to, as `robomem train` does for us.

{table(head, rows)}
"""


def main(
    mambapy: Path | None = None, steps: tuple[int, ...] = (196, 512), rounds: int = 15, write: bool = True
) -> None:
    """Run it and write the page.

    Args:
        mambapy: folder with the peer; without it only the floor is compared with, and no page is written.
        steps: T; the last one is what the page's first lines tell.
        rounds: the least time counts.
        write: write docs/results, or print only.
    """
    names = ["layer", "product"] + (["as it comes", "memory kept"] if mambapy else [])
    version = "not measured"
    if mambapy is not None:
        version = next(one.version for one in distributions(path=[str(mambapy)]) if one.name == "mambapy")
    machine = {"machine": platform.machine(), "torch": str(torch.__version__)}
    setting: dict[str, str | int] = {"rounds": rounds, **machine, "mambapy": version}
    found = [measure(names, mambapy, length, rounds) for length in steps]
    page = report(found, setting)
    print(page)
    if write and mambapy is not None:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "scan.md").write_text(page)
        (RESULTS / "scan.json").write_text(json.dumps({"setting": setting, "scan": found}, indent=2) + "\n")


if __name__ == "__main__":
    tyro.cli(main)
