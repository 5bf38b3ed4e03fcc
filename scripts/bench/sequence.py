"""How fast the sequence memories are: acting, learning, bytes. Writes docs/results/sequence_speed.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/sequence.py

Times are process CPU time on one thread, the least of several repetitions; compare them within a run only. Rivals are
timed in turn, repetition by repetition, so that a change in the machine's load meets both. The process is settled as
``robomem train`` and ``robomem play`` settle theirs: glibc keeps freed memory.
"""

from __future__ import annotations

import json
import math
import platform
import time
from collections.abc import Callable
from pathlib import Path

import torch
import tyro
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from robomem.sequence import make
from robomem.sequence.chunk_attention import ChunkAttention
from robomem.sequence.chunk_ring import ChunkRing, Rollout
from robomem.sequence.episodes import segments
from robomem.sequence.mamba2 import Mamba2Layer
from robomem.sequence.window_attention import WindowAttention
from robomem.train.process import settle

RESULTS = Path(__file__).parents[2] / "docs" / "results"
WIDTH, HEADS = 256, 8
ACTING_BATCH = 16
MIB = 2**20

Work = Callable[[], object]


class FullAttention(nn.Module):
    """The rival: pre-norm causal attention over everything, residual included; SDPA, keys and values cached."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)

    def step(self, h: Tensor, keys: Tensor, values: Tensor, age: int) -> Tensor:
        """Write the step into the cache [B, H, T, E] and attend over all of it."""
        query, key, value = self.qkv(self.norm(h)).view(len(h), 3, HEADS, 1, -1).unbind(1)
        keys[:, :, age], values[:, :, age] = key[:, :, 0], value[:, :, 0]
        mixed = scaled_dot_product_attention(query, keys[:, :, : age + 1], values[:, :, : age + 1])
        return h + self.out(mixed.reshape(len(h), -1))

    def forward(self, h: Tensor) -> Tensor:
        """Attend causally over T steps."""
        query, key, value = self.qkv(self.norm(h)).view(*h.shape[:2], 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(query, key, value, is_causal=True)
        return h + self.out(mixed.transpose(1, 2).flatten(2))


def least(works: dict[str, Work], reps: int, seconds: float = 0.01, budget: float = 8.0) -> dict[str, float]:
    """CPU milliseconds of one call of each, the least over rounds of about ``seconds`` each.

    There are ``reps`` rounds, or, for slow works, as many as fit the ``budget`` in seconds, but at least five.
    """
    calls = {}
    for name, work in works.items():
        work()
        start = time.process_time()
        work()
        calls[name] = max(1, math.ceil(seconds / max(time.process_time() - start, 1e-5)))
    best = dict.fromkeys(works, math.inf)
    begin = time.process_time()
    for done in range(reps):
        if done >= 5 and time.process_time() - begin > budget:
            break
        for name, work in works.items():
            start = time.process_time()
            for _ in range(calls[name]):
                work()
            best[name] = min(best[name], (time.process_time() - start) / calls[name])
    return {name: 1e3 * value for name, value in best.items()}


def learning(module: nn.Module, run: Callable[[], Tensor]) -> Work:
    """Forward and backward, gradients dropped afterwards."""

    def work() -> None:
        run().sum().backward()
        module.zero_grad(set_to_none=True)

    return work


def acting_block(steps: int, chunk_size: int, top_k: int, reps: int) -> dict[str, float]:
    """One query after ``steps`` steps: the HCAM block, writing included, against full attention with a cache."""
    ring = ChunkRing(chunk_size, steps // chunk_size)
    block, full = ChunkAttention(WIDTH, HEADS, chunk_size, top_k), FullAttention()
    contents = torch.randn(ACTING_BATCH, ring.slots, chunk_size, WIDTH)
    keys = contents.mean(2).unflatten(-1, (HEADS, -1)).transpose(1, 2).contiguous()
    cache = torch.randn(2, ACTING_BATCH, HEADS, steps, WIDTH // HEADS)
    h = torch.randn(ACTING_BATCH, WIDTH)
    age = torch.full((ACTING_BATCH,), steps)

    def recall() -> None:
        ring.write_(contents, keys, age, h)
        block.step(h, contents, keys, ring.readable(age))

    with torch.inference_mode():
        times = least(
            {"hcam": recall, "full": lambda: full.step(h, *cache, steps - 1), "read": lambda: keys.sum()}, reps
        )
    size = (contents.nbytes + keys.nbytes) / ACTING_BATCH / MIB
    return {"steps": steps, **times, "hcam_mib": size, "full_mib": cache.nbytes / ACTING_BATCH / MIB}


def learning_block(steps: int, chunk_size: int, top_k: int, reps: int) -> dict[str, float]:
    """Forward and backward over one row of ``steps``, blocks and whole layers."""
    ring = ChunkRing(chunk_size, steps // chunk_size)
    block, full = ChunkAttention(WIDTH, HEADS, chunk_size, top_k), FullAttention()
    window = WindowAttention(WIDTH, HEADS, chunk_size)
    h = torch.randn(1, steps, WIDTH, requires_grad=True)
    reset = torch.zeros(1, steps, dtype=torch.bool)
    age = torch.zeros(1, dtype=torch.int64)
    contents, keys = torch.zeros(1, ring.slots, chunk_size, WIDTH), torch.zeros(1, HEADS, ring.slots, WIDTH // HEADS)
    past = torch.zeros(1, chunk_size, WIDTH)

    def recall(asking: Tensor) -> Tensor:
        rollout = Rollout(ring, reset, age)
        return block(asking, *rollout.offer(contents, keys, h.detach()), rollout.valid)

    times = least(
        {
            "hcam": learning(block, lambda: recall(h)),
            "full": learning(full, lambda: full(h)),
            "window_hcam": learning(block, lambda: recall(window(h, past, age, segments(reset))[0])),
        },
        reps,
    )
    return {"steps": steps, **times}


def scan_layer(steps: int, batch: int, reps: int) -> dict[str, float]:
    """One Mamba-2 layer, forward and backward, against its multiplications at this machine's GEMM rate."""
    state_size, head_size, block = 64, 64, 64
    layer = Mamba2Layer(WIDTH, state_size, head_size, 2, 4, block)
    inner = 2 * WIDTH
    h = torch.randn(batch, steps, WIDTH, requires_grad=True)
    state, tail = torch.zeros(batch, *layer.scan_shape), torch.zeros(batch, *layer.tail_shape)
    age, episode = torch.arange(steps).expand(batch, -1), torch.zeros(batch, steps, dtype=torch.int64)
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    times = least(
        {"layer": learning(layer, lambda: layer(h, state, tail, age, episode)[0]), "gemm": lambda: a @ b}, reps
    )
    projections = 2 * WIDTH * (2 * inner + 2 * state_size + layer.heads) + 2 * inner * WIDTH
    core = 2 * block * state_size + 2 * block * inner + 4 * state_size * inner
    floor = times["gemm"] / (2 * 1024**3) * 3 * batch * steps * (projections + core)
    gflops = 2 * 1024**3 / times["gemm"] / 1e6
    return {"steps": steps, "batch": batch, "layer": times["layer"], "floor": floor, "gemm_gflops": gflops}


def whole_memory(name: str, steps: int, reps: int) -> dict[str, float | str]:
    """A registered memory as shipped but one layer of width 128: an acting step, learning over T, bytes per row."""
    config: dict[str, int] = {} if name == "none" else {"width": 128, "layers": 1}
    memory = make(name, input_size=128, **config)
    used = torch.zeros(ACTING_BATCH, steps, dtype=torch.bool)
    features = torch.randn(ACTING_BATCH, steps, 128, requires_grad=True)
    no_reset = torch.zeros(ACTING_BATCH, dtype=torch.bool)
    with torch.no_grad():
        _, state = memory(features, memory.initial_state(ACTING_BATCH), used)
    held = {key: value.clone() for key, value in state.items()}
    size = sum(value.nbytes for value in state.values()) / ACTING_BATCH / 1024
    last = features.detach()[:, -1].clone()

    def act() -> None:
        nonlocal held
        _, held = memory.step_(last, held, no_reset)

    with torch.no_grad():
        times = least({"act": act}, reps)
    times |= least({"learn": learning(memory, lambda: memory(features, state, used)[0])}, reps)
    return {"memory": name, "steps": steps, **times, "kib": size}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def report(results: dict) -> str:
    """The Markdown page."""
    acting = [
        [
            f"{r['steps']:,}", f"{r['full']:.2f}", f"{r['hcam']:.2f}", f"{r['full'] / r['hcam']:.1f}×",
            f"{r['read']:.3f}", f"{r['full_mib']:.2f}", f"{r['hcam_mib']:.2f}",
        ]
        for r in results["acting"]
    ]  # fmt: skip
    learn = [
        [
            f"{r['steps']:,}", f"{r['full']:.1f}", f"{r['hcam']:.1f}", f"{r['hcam'] / r['full']:.2f}×",
            f"{r['window_hcam']:.1f}", f"{r['window_hcam'] / r['full']:.2f}×",
        ]
        for r in results["learning"]
    ]  # fmt: skip
    scan = [
        [
            f"{r['steps']:,}", f"{r['layer']:.0f}", f"{r['floor']:.0f}", f"{r['layer'] / r['floor']:.2f}×",
            f"{r['gemm_gflops']:.0f}",
        ]
        for r in results["scan"]
    ]  # fmt: skip
    whole = [[r["memory"], f"{r['act']:.3f}", f"{r['learn']:.1f}", f"{r['kib']:,.1f}"] for r in results["memories"]]
    setting = results["setting"]
    first, last = results["acting"][0], results["acting"][-1]
    steps = results["memories"][0]["steps"]
    return f"""# Sequence memories: speed and size

Written by `scripts/bench/sequence.py`. Process CPU milliseconds on one torch thread, the least of up to
{setting["reps"]} rounds; rivals take turns within a round. {setting["machine"]}, torch {setting["torch"]}.
Read the ratios.

## Acting: one query after T steps (d = 256, 8 heads, batch {ACTING_BATCH}, one block; MiB per environment)
HCAM: chunks of {setting["chunk_size"]}, top {setting["top_k"]}, raw contents, writing included. Full attention: SDPA
over cached keys and values. HCAM at T = {last["steps"]:,} costs {last["hcam"] / first["hcam"]:.2f}× what it costs at
T = {first["steps"]}, full attention {last["full"] / first["full"]:.0f}×. What grows is scoring one summary a chunk:
"reading" is one pass over all of them, the least that any way of scoring them takes, measured by itself.

{table(["T", "full, ms", "HCAM, ms", "cheaper by", "reading, ms", "full, MiB", "HCAM, MiB"], acting)}

## Learning: forward + backward over T steps (d = 256, 8 heads, batch 1, one block)
HCAM: chunks of {setting["learning_chunk_size"]}, top {setting["top_k"]}, exact choice per query. The last two columns
add the window attention that stands before it in a layer.

{table(["T", "full, ms", "HCAM, ms", "HCAM / full", "window + HCAM, ms", "/ full"], learn)}

## Selective scan: one Mamba-2 layer, forward + backward (d = 256, expand 2, state 64, batch 8)
The floor is the layer's multiplications at the matrix-product rate measured in the same run.

{table(["T", "layer, ms", "floor, ms", "layer / floor", "GFLOP/s of a 1024³ product"], scan)}

## Every memory, one layer of width 128, batch {ACTING_BATCH}
Acting: one `step_` after {steps} steps. Learning: forward + backward over {steps} steps. State: KiB per environment at
the default capacity.

{table(["memory", "act, ms", "learn, ms", "state, KiB"], whole)}
"""


def main(
    reps: int = 40, chunk_size: int = 16, learning_chunk_size: int = 32, top_k: int = 4, write: bool = True
) -> None:
    """Run all and write the page.

    Args:
        reps: rounds; the least time counts.
        chunk_size: of HCAM in acting.
        learning_chunk_size: of HCAM in learning.
        top_k: chunks a query reads.
        write: write docs/results, or print only.
    """
    settle()
    torch.manual_seed(0)
    results = {
        "setting": {
            "reps": reps,
            "chunk_size": chunk_size,
            "learning_chunk_size": learning_chunk_size,
            "top_k": top_k,
            "machine": platform.machine(),
            "torch": torch.__version__,
        },
        "acting": [acting_block(steps, chunk_size, top_k, reps) for steps in (128, 512, 2048, 8192)],
        "learning": [learning_block(steps, learning_chunk_size, top_k, reps) for steps in (512, 1024, 2048, 4096)],
        "scan": [scan_layer(steps, 8, reps) for steps in (196, 512)],
        "memories": [
            whole_memory(name, 256, reps) for name in ("none", "gru", "lstm", "transformer_xl", "hcam", "mamba2")
        ],
    }
    page = report(results)
    print(page)
    if write:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "sequence_speed.md").write_text(page)
        (RESULTS / "sequence_speed.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    tyro.cli(main)
