"""What the memory bank costs: learning in both forms, acting. Writes docs/results/bank_speed.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/bank.py

Times are process CPU time on one thread, the least of several repetitions; compare them within a run only. Rivals are
timed in turn, repetition by repetition, so that a change in the machine's load meets both. The rival is the bank as
MemoryVLA's authors released it, with our weights: one row after the other, its entries in a list that is joined and
projected to keys and values at every frame.
"""

from __future__ import annotations

import json
import math
import platform
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import torch
import tyro
from torch import Tensor
from torch.nn.functional import gelu, scaled_dot_product_attention

from robomem.bank import BankConfig, TokenBank, block_triangular
from robomem.bank.writing import likeness
from robomem.train.process import settle

RESULTS = Path(__file__).parents[2] / "docs" / "results"
MIB = 2**20
LEARNING = [
    "groups × frames", "tokens × width", "at once, ms", "by steps, ms", "as released, ms", "at once / by steps",
    "at once / as released", "difference",
]  # fmt: skip
ACTING = [
    "tokens × width", "L", "step, ms", "observe, ms", "as released, ms", "step / as released", "MiB",
]  # fmt: skip

Work = Callable[[], object]


class Released:
    """One row of the released bank: a list of (tokens [N, D], time)."""

    def __init__(self, bank: TokenBank) -> None:
        self.bank, self.entries = bank, []

    def step(self, x: Tensor, now: Tensor) -> Tensor:
        """Retrieve, fuse, write: x [N, D], now []."""
        h = self.retrieve(x) if self.entries else x
        fused: Tensor = self.bank.fusion(x, h)
        self.entries.append((x, now))
        if len(self.entries) > self.bank.config.length:
            tokens = torch.stack([tokens for tokens, _ in self.entries])
            first = int(likeness(tokens.detach()[None]).argmax())
            (a, begin), (b, _) = self.entries[first : first + 2]
            self.entries[first : first + 2] = [((a + b) / 2, begin)]
        return fused

    def retrieve(self, x: Tensor) -> Tensor:
        """H of the tokens [N, D]."""
        values = torch.cat([tokens for tokens, _ in self.entries])[None, None]
        keys = torch.cat([tokens + self.bank.time_encoding(now) for tokens, now in self.entries])[None, None]
        q = x[None]
        for layer in self.bank.retrieval.layers:
            ask = layer.attention
            answer = scaled_dot_product_attention(ask.query(q)[None], ask.key(keys), ask.value(values))[0]
            q = layer.attention_norm(q + answer)
            q = layer.norm(q + layer.contract(gelu(layer.expand(q))))
        return q[0]


def least(works: dict[str, Work], reps: int, seconds: float = 0.02, budget: float = 8.0) -> dict[str, float]:
    """CPU milliseconds of one call of each, the least over rounds of about ``seconds`` each.

    There are ``reps`` rounds, or, for slow works, as many as fit the ``budget`` in seconds, but at least one beside the
    call that sizes them.
    """
    calls, best = {}, {}
    for name, work in works.items():
        start = time.process_time()
        work()
        best[name] = time.process_time() - start
        calls[name] = max(1, math.ceil(seconds / max(best[name], 1e-5)))
    begin = time.process_time()
    for done in range(reps):
        if done and time.process_time() - begin > budget:
            break
        for name, work in works.items():
            start = time.process_time()
            for _ in range(calls[name]):
                work()
            best[name] = min(best[name], (time.process_time() - start) / calls[name])
    return {name: 1e3 * value for name, value in best.items()}


def learning(groups: int, frames: int, tokens: int, width: int, reps: int) -> dict[str, float]:
    """Forward and backward over groups of frames that fit the bank; also the largest difference between the forms."""
    bank = TokenBank(tokens, width, BankConfig(length=frames))
    x = torch.randn(groups, frames, tokens, width, requires_grad=True)
    times = torch.arange(float(frames)).expand(groups, -1)
    valid = torch.ones(groups, frames, dtype=torch.bool)

    def together() -> Tensor:
        return bank(x, times, valid)[0]

    def one_by_one() -> Tensor:
        with mock.patch.object(block_triangular, "fitting", lambda valid, length, room: (0, int(length.max()))):
            return bank(x, times, valid)[0]

    def released() -> Tensor:
        rows = []
        for row in range(groups):
            rival = Released(bank)
            rows.append(torch.stack([rival.step(x[row, t], times[row, t]) for t in range(frames)]))
        return torch.stack(rows)

    def learn(run: Callable[[], Tensor]) -> Work:
        def work() -> None:
            run().square().sum().backward()
            bank.zero_grad(set_to_none=True)
            x.grad = None

        return work

    with torch.no_grad():
        answer = together()
        apart = [float((answer - other()).abs().max()) for other in (one_by_one, released)]
    costs = least({"together": learn(together), "steps": learn(one_by_one), "released": learn(released)}, reps)
    sizes = {"groups": groups, "frames": frames, "tokens": tokens, "width": width}
    return {**sizes, **costs, "apart": max(apart)}


def acting(tokens: int, width: int, length: int, reps: int) -> dict[str, float]:
    """One environment with a full bank: a step, a write without acting, the rival's step."""
    bank = TokenBank(tokens, width, BankConfig(length=length))
    x, no = torch.randn(length + 1, 1, tokens, width), torch.zeros(1, dtype=torch.bool)
    state, rival = bank.initial_state(1), Released(bank)
    now = torch.tensor([float(length)])
    with torch.inference_mode():
        for t in range(length):
            state = bank.observe(x[t], torch.tensor([float(t)]), state, no)
            rival.entries.append((x[t, 0], torch.tensor(float(t))))
        full = list(rival.entries)

        def released() -> None:
            rival.entries = list(full)
            rival.step(x[-1, 0], now[0])

        costs = least(
            {
                "step": lambda: bank.step(x[-1], now, state, no),
                "observe": lambda: bank.observe(x[-1], now, state, no),
                "released": released,
            },
            reps,
        )
    size = sum(value.nbytes for value in state.values()) / MIB
    return {"tokens": tokens, "width": width, "length": length, **costs, "mib": size}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def report(results: dict) -> str:
    """The Markdown page."""
    learn = [
        [
            f"{r['groups']} × {r['frames']}", f"{r['tokens']} × {r['width']}", f"{r['together']:,.1f}",
            f"{r['steps']:,.1f}", f"{r['released']:,.1f}", f"{r['together'] / r['steps']:.2f}×",
            f"{r['together'] / r['released']:.2f}×", f"{r['apart']:.0e}",
        ]
        for r in results["learning"]
    ]  # fmt: skip
    act = [
        [
            f"{r['tokens']} × {r['width']}", f"{r['length']}", f"{r['step']:.2f}", f"{r['observe']:.2f}",
            f"{r['released']:.2f}", f"{r['step'] / r['released']:.2f}×", f"{r['mib']:.2f}",
        ]
        for r in results["acting"]
    ]  # fmt: skip
    setting = results["setting"]
    return f"""# Memory bank: speed and size

Written by `scripts/bench/bank.py`. Process CPU milliseconds on one torch thread, the least of up to
{setting["reps"]} rounds; rivals take turns within a round. {setting["machine"]}, torch {setting["torch"]}.
Read the ratios.

The rival, *as released*, is the bank as in the authors' code, with our weights: row after row, entries in a list that
is joined and projected to keys and values at every frame.

## Learning: forward + backward over groups that fit the bank (raw tokens, gradient within the group)
*At once* is the block-triangular form, *by steps* the sequential form over the same batch. The last column is the
largest difference between what the three return.

{table(LEARNING, learn)}

## Acting: one environment, a full bank that merges at every step
A step retrieves, fuses, writes and merges; `observe` writes and merges. Without memory both cost nothing: the tokens
pass through. MiB is the state of one environment.

{table(ACTING, act)}
"""


def main(reps: int = 60, write: bool = True) -> None:
    """Run all and write the page.

    Args:
        reps: rounds; the least time counts.
        write: write docs/results, or print only.
    """
    settle()
    torch.manual_seed(0)
    results = {
        "setting": {"reps": reps, "machine": platform.machine(), "torch": torch.__version__},
        "learning": [
            learning(groups, 16, tokens, width, reps)
            for tokens, width in ((16, 32), (1, 64), (256, 256))
            for groups in (2, 12)
        ],
        "acting": [
            acting(tokens, width, length, reps)
            for tokens, width in ((16, 32), (1, 64), (64, 128), (1, 576))
            for length in (16, 64, 256)
        ],
    }
    page = report(results)
    print(page)
    if write:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "bank_speed.md").write_text(page)
        (RESULTS / "bank_speed.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    tyro.cli(main)
