"""The scan layer against the machine's arithmetic and against mambapy. Writes docs/results/scan.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/scan.py --mambapy FOLDER

FOLDER is where the peer was put, apart from our environment: pip install --no-deps --target FOLDER mambapy.

One layer of width 256 over 512 steps, 8 rows, float32, forward and backward. Times are process CPU time on one thread,
the least of several rounds; rivals and the matrix product that gives the floor are timed in turn. The floor is the
multiplications of our layer (its projections and the chunked scan's, three times the forward pass's) at the rate of a
large matrix product. mambapy's layer is Mamba-1 (another recurrence, of 16 numbers a channel): what a user of a pure
PyTorch Mamba has instead, not the same arithmetic.
"""

from __future__ import annotations

import json
import platform
import sys
from importlib.metadata import distributions
from pathlib import Path

import torch
import tyro
from sequence import learning, least, table

from robomem.sequence.mamba2 import Mamba2Layer
from robomem.train.process import settle

RESULTS = Path(__file__).parents[2] / "docs" / "results"
WIDTH, EXPAND, STATE, HEAD = 256, 2, 64, 64
FLOOR_AIM, PEER_AIM = 3.0, 6.0


def flops_a_step(block: int) -> float:
    """Floating-point operations of our layer's matrix products for one step of one row, forward.

    Projections 2 d (2 E + 2 N + H) + 2 E d; scan 2 Q N for the scores, 2 Q E for what they weigh, 4 N E for the states.
    """
    inner = EXPAND * WIDTH
    projections = 2 * WIDTH * (2 * inner + 2 * STATE + inner // HEAD) + 2 * inner * WIDTH
    return projections + 2 * block * STATE + 2 * block * inner + 4 * STATE * inner


def measure(
    folder: Path | None, steps: int, batch: int, block: int, reps: int, budget: float
) -> dict[str, float | str]:
    """Time our layer, the peer's and the matrix product in turn."""
    layer = Mamba2Layer(WIDTH, STATE, HEAD, EXPAND, 4, block)
    h = torch.randn(batch, steps, WIDTH, requires_grad=True)
    state, tail = torch.zeros(batch, *layer.scan_shape), torch.zeros(batch, *layer.tail_shape)
    age, episode = torch.arange(steps).expand(batch, -1), torch.zeros(batch, steps, dtype=torch.int64)
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    works = {
        "layer": learning(layer, lambda: layer(h, state, tail, age, episode)[0]),
        "gemm": lambda: a @ b,
    }
    version = "not measured"
    if folder is not None:
        sys.path.insert(0, str(folder))
        from mambapy.mamba import MambaBlock, MambaConfig

        version = next(one.version for one in distributions(path=[str(folder)]) if one.name == "mambapy")
        peer = MambaBlock(MambaConfig(d_model=WIDTH, n_layers=1, d_state=16, expand_factor=EXPAND))
        works["mambapy"] = learning(peer, lambda: peer(h))
    times = least(works, reps, budget=budget)
    rate = 2 * 1024**3 / times["gemm"]  # of one millisecond
    floor = 3 * batch * steps * flops_a_step(block) / rate
    return {"steps": steps, "batch": batch, **times, "floor": floor, "gflops": rate / 1e6, "version": version}


def report(found: list[dict], setting: dict) -> str:
    """The Markdown page."""
    rows = [
        [
            f"{one['steps']}", f"{one['layer']:.0f}", f"{one['floor']:.0f}", f"{one['layer'] / one['floor']:.2f}×",
            f"{one['mambapy']:.0f}" if "mambapy" in one else "–",
            f"{one['mambapy'] / one['layer']:.1f}×" if "mambapy" in one else "–", f"{one['gflops']:.0f}",
        ]
        for one in found
    ]  # fmt: skip
    last = found[-1]
    told = f"{last['layer'] / last['floor']:.2f}× its floor (aim: at most {FLOOR_AIM:g}×)"
    if "mambapy" in last:
        told += f", and mambapy takes {last['mambapy'] / last['layer']:.1f} times as long (aim: at least {PEER_AIM:g})"
    return f"""# The scan layer: speed

Written by `scripts/bench/scan.py`. One layer, forward and backward, width {WIDTH}, expand {EXPAND}, state {STATE},
{last["batch"]} rows, float32; process CPU milliseconds on one torch thread, the least of up to {setting["reps"]}
rounds; rivals take turns within a round. {setting["machine"]}, torch {setting["torch"]}, mambapy {last["version"]}. Read the
ratios: at {last["steps"]} steps our layer takes {told}.

The floor is the layer's matrix products alone at the rate of a 1024³ product, measured in the same rounds. What lies
between is element by element: gates, norms, decays, the short convolution. mambapy's layer is Mamba-1, with 16 numbers
a channel where ours has {STATE} shared ones: what pure PyTorch offered before, not the same arithmetic.

{table(["T", "layer, ms", "floor, ms", "layer / floor", "mambapy, ms", "mambapy / layer", "GFLOP/s"], rows)}
"""


def main(
    mambapy: Path | None = None,
    steps: tuple[int, ...] = (196, 512),
    batch: int = 8,
    block: int = 64,
    reps: int = 40,
    budget: float = 60.0,
    write: bool = True,
) -> None:
    """Run it and write the page.

    Args:
        mambapy: folder with the peer; without it only the floor is compared with.
        steps: T, the last one is what the page's first lines tell.
        batch: rows.
        block: Q, steps that the scan handles as one dense block.
        reps: rounds.
        budget: seconds of CPU time a length, at least five rounds.
        write: write docs/results, or print only.
    """
    settle()
    torch.manual_seed(0)
    setting = {"reps": reps, "block": block, "machine": platform.machine(), "torch": torch.__version__}
    found = [measure(mambapy, length, batch, block, reps, budget) for length in steps]
    page = report(found, setting)
    print(page)
    if write:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "scan.md").write_text(page)
        (RESULTS / "scan.json").write_text(json.dumps({"setting": setting, "scan": found}, indent=2) + "\n")


if __name__ == "__main__":
    tyro.cli(main)
