"""What the memory of memory_vla costs, acting and learning. Writes docs/results/memory_vla_speed.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/memory_vla.py

The preset `cpu` with its bank beside the same policy without memory: process CPU time on one thread, by turns, round
after round, so that a change in the machine's load meets both. Compare numbers within a run only.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
import tyro
from torch import Tensor

from robomem.data.batch import Batch
from robomem.data.imitation import DataSpec
from robomem.seeding import generator
from robomem.train.imitation.presets import cpu
from robomem.train.process import settle
from robomem_policies.memory_vla.policy import MemoryVLA

RESULTS = Path(__file__).parents[2] / "docs" / "results"
PROPRIO, ACTION, TASK = 14, 6, "touch the cup that hides the cube"
PRESET = cpu()
PEERS: dict[str, dict[str, Any]] = {
    "bank": {},
    "stride": {"write_stride": PRESET.policy_kwargs["execute"]},
    "none": {"memory": "none", "memory_kwargs": {}},
}
"""Fields of the policy beside the preset's."""
LARGER: dict[str, Any] = {
    "chunk": 16,
    "execute": 8,
    "expert_kwargs": {**PRESET.policy_kwargs["expert_kwargs"], "width": 256, "depth": 6, "heads": 4},
}
"""The expert that docs/results/expert_speed.md times, still a small one."""
PARTS = ["encoder", "bank, read and write", "bank, write alone", "expert", "`observe()`", "`observe()`, no memory"]

Work = Callable[[], object]


def made(name: str, fields: dict[str, Any] | None = None) -> MemoryVLA:
    """The preset's policy for a camera of 64 x 64 pixels and an arm, with other ``fields``."""
    torch.manual_seed(0)
    sees = gym.spaces.Dict(
        pixels=gym.spaces.Box(0, 255, (64, 64, 3), np.uint8),
        proprio=gym.spaces.Box(-np.inf, np.inf, (PROPRIO,), np.float32),
    )
    one = {"action": np.ones(ACTION), "proprio": np.ones(PROPRIO)}
    low, high = ("min", "q01"), ("max", "q99", "std")
    statistics = {k: {"mean": 0 * v, **{n: -v for n in low}, **{n: v for n in high}} for k, v in one.items()}
    spec = DataSpec(sees, gym.spaces.Box(-1, 1, (ACTION,), np.float32), statistics, (TASK,), 20, 0)
    return MemoryVLA.for_data(spec, **{**PRESET.policy_kwargs, **PEERS[name], **(fields or {})}).eval()


def seen(rows: int, step: int) -> dict[str, np.ndarray]:
    """A frame of some rows."""
    rng = generator(step, "bench")
    pixels = rng.integers(0, 256, (rows, 64, 64, 3), dtype=np.uint8)
    return {"pixels": pixels, "proprio": rng.normal(size=(rows, PROPRIO)).astype(np.float32)}


def turns(works: dict[str, Work], rounds: int) -> dict[str, np.ndarray]:
    """CPU milliseconds of one call of each, [rounds], by turns and in changing order; the first round warms up."""
    costs: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name in list(works) if number % 2 else list(works)[::-1]:
            start = time.process_time()
            works[name]()
            costs[name].append(1e3 * (time.process_time() - start))
    return {name: np.array(each[1:]) for name, each in costs.items()}


def beside(costs: dict[str, np.ndarray], per: float = 1.0) -> dict[str, dict[str, Any]]:
    """Medians, and the median ratio to no memory with its bootstrap 95 % interval over rounds."""
    rng, found = np.random.default_rng(0), {}
    for name, each in costs.items():
        ratio = each / costs["none"]
        drawn = np.median(rng.choice(ratio, (2000, len(ratio))), axis=1)
        interval = [float(x) for x in np.quantile(drawn, [0.025, 0.975])]
        found[name] = {"ms": float(np.median(each)) / per, "ratio": float(np.median(ratio)), "interval": interval}
    return found


def filled(policy: MemoryVLA, rows: int) -> Any:
    """A state whose bank is full; the next step plans."""
    state = policy.initial_state(rows)
    for step in range(24):  # a multiple of execute
        _, state = policy.predict(seen(rows, step), state)
    return state


def larger(rows: int, rounds: int) -> dict[str, dict[str, Any]]:
    """A planned chunk of a larger expert."""
    policies = {name: made(name, LARGER) for name in ("bank", "none")}
    states = {name: filled(policy, rows) for name, policy in policies.items()}
    frame = seen(rows, 100)

    def plan(name: str) -> Work:
        return lambda: policies[name].plan(frame, states[name])

    return beside(turns({name: plan(name) for name in policies}, rounds))


def acting(rows: int, rounds: int) -> dict[str, Any]:
    """Full banks that merge at every step: a planned chunk, the steps from one plan to the next, a step watched."""
    policies = {name: made(name) for name in PEERS}
    states = {name: filled(policy, rows) for name, policy in policies.items()}
    execute = PRESET.policy_kwargs["execute"]
    frames = [seen(rows, 100 + step) for step in range(execute)]

    def plan(name: str) -> Work:
        return lambda: policies[name].plan(frames[0], states[name])

    def cycle(name: str) -> Work:
        def work() -> None:
            state = states[name]
            for frame in frames:
                _, state = policies[name].predict(frame, state)

        return work

    observe = {
        "step": lambda: policies["bank"].observe(frames[0], states["bank"]),
        "none": lambda: policies["none"].observe(frames[0], states["none"]),
    }
    return {
        "rows": rows,
        "plan": beside(turns({name: plan(name) for name in ("bank", "none")}, rounds)),
        "cycle": beside(turns({name: cycle(name) for name in PEERS}, rounds), per=execute),
        "observe": {name: float(np.median(each)) for name, each in turns(observe, rounds).items()},
        "parts": parts(policies["bank"], frames[0], states["bank"], rounds),
        "bytes": {n: sum(part.nbytes for part in states[n].values()) // rows for n in ("bank", "none")},
    }


@torch.inference_mode()
def parts(policy: MemoryVLA, frame: dict[str, np.ndarray], state: Any, rounds: int) -> dict[str, float]:
    """CPU milliseconds of the networks alone."""
    everyone = np.arange(len(frame["proprio"]))
    start = np.zeros(len(everyone), bool)
    perceptual, cognitive, now, before, new = policy._frame(everyone, frame, state, start)
    noise = torch.randn(len(everyone), policy.chunk, ACTION)
    costs = turns(
        {
            "encoder": lambda: policy._frame(everyone, frame, state, start),
            "step": lambda: policy.memory.step(perceptual, cognitive, now, before, new),
            "observe": lambda: policy.memory.observe(perceptual, cognitive, now, before, new),
            "expert": lambda: policy.expert.sample(cognitive, perceptual, noise),
        },
        rounds,
    )
    return {name: float(np.median(each)) for name, each in costs.items()}


def learning(frames: int, rounds: int) -> dict[str, Any]:
    """Loss and gradients of a batch of the preset; groups longer than the bank merge."""
    groups, rng = PRESET.loading.groups, np.random.default_rng(0)
    every = [seen(groups, step) for step in range(frames)]
    policies = {name: made(name).train() for name in ("bank", "none")}
    chunk = policies["bank"].chunk
    batch: Batch[Tensor] = Batch(
        observation={name: np.stack([frame[name] for frame in every], 1) for name in every[0]},
        action=rng.uniform(-1, 1, (groups, frames, chunk, ACTION)).astype(np.float32),
        action_valid=np.ones((groups, frames, chunk), bool),
        time=np.broadcast_to(np.arange(frames, dtype=np.float32), (groups, frames)).copy(),
        valid=np.ones((groups, frames), bool),
        start=np.ones(groups, bool),
        text=(TASK,) * groups,
        label=None,
    ).map(torch.from_numpy)

    def learn(policy: MemoryVLA) -> Work:
        def work() -> None:
            losses, _ = policy.loss(batch, None, torch.Generator().manual_seed(0))
            losses["loss"].backward()
            policy.zero_grad(set_to_none=True)

        return work

    costs = turns({name: learn(policy) for name, policy in policies.items()}, rounds)
    return {"groups": groups, "frames": frames, **beside(costs)}


def shown(cost: dict[str, Any]) -> str:
    return f"{cost['ratio']:.3f}× [{cost['interval'][0]:.3f}, {cost['interval'][1]:.3f}]"


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def report(results: dict[str, Any]) -> str:
    """The Markdown page."""
    setting, acts, learns = results["setting"], results["acting"], results["learning"]
    rows = []
    for what, key, name in (
        ("a planned chunk", "plan", "bank"),
        (f"a control step, {setting['execute']} to a chunk", "cycle", "bank"),
        (f"the same, `write_stride={setting['execute']}`", "cycle", "stride"),
    ):
        rows += [
            [what, str(a["rows"]), f"{a[key]['none']['ms']:.2f}", f"{a[key][name]['ms']:.2f}", shown(a[key][name])]
            for a in acts
        ]
    learnt = [
        [f"{x['groups']} × {x['frames']}", f"{x['none']['ms']:,.0f}", f"{x['bank']['ms']:,.0f}", shown(x["bank"])]
        for x in learns
    ]
    big = results["larger"]
    rows.append(
        [
            "a planned chunk of 16, DiT 6×256",
            "1",
            f"{big['none']['ms']:.2f}",
            f"{big['bank']['ms']:.2f}",
            shown(big["bank"]),
        ]
    )
    aim = "met" if max(act["plan"]["bank"]["ratio"] for act in acts) <= 1.05 else "not met"
    last = acts[-1]
    apart = [*last["parts"].values(), *last["observe"].values()]
    size = acts[0]["bytes"]
    return f"""# MemoryVLA: what the memory costs

Written by `scripts/bench/memory_vla.py`. The preset `cpu` with random weights, one camera of 64 × 64: with its bank
(L = {setting["length"]}, full, merging at every step) beside the same policy without memory. Process CPU milliseconds
on one torch thread, medians of {setting["rounds"]} rounds by turns ({setting["learn_rounds"]} of learning); the ratio
is the median over rounds with its bootstrap 95 % interval. {setting["machine"]}, torch {setting["torch"]}. Read the
ratios.

## Acting

{table(["", "episodes at once", "no memory", "bank", "ratio"], rows)}

A planned chunk is what a call of the policy is in the publication (there +3.6 % with a 7B encoder). The aim, 1.05, is
{aim} beside this preset's expert, which is as small as the bank's many small operations are slow; the last row is the
same bank beside a larger one. Up to eight episodes are computed as eight, so that an episode's bits do not depend on
the others, and cost the same.

A control step is dearer with a memory because of what it sees: without one, nobody looks at the frames between two
plans, and with one each of them is encoded and written. `write_stride` writes some of them alone; a policy must be
trained with the stride with which it acts.

## By part

{table(PARTS, [[f"{each:.2f}" for each in apart]])}

Eight episodes; the first four are the networks alone. `observe()` remembers a step without planning: encoder, a write,
and the bookkeeping of both.

## Learning: loss and gradients of a step

{table(["groups × frames", "no memory", "bank", "ratio"], learnt)}

Groups of {setting["length"]} frames fit the bank and are one masked attention; longer ones merge, frame by frame.

## State

{size["bank"]:,} bytes an episode with the bank, {size["none"]:,} without; {setting["text"]} of them the instruction.
"""


def main(rounds: int = 40, learn_rounds: int = 7, write: bool = True) -> None:
    """Run all and write the page.

    Args:
        rounds: of acting.
        learn_rounds: of learning.
        write: write docs/results, or print only.
    """
    settle()
    results = {
        "setting": {
            "rounds": rounds,
            "learn_rounds": learn_rounds,
            "machine": platform.machine(),
            "torch": torch.__version__,
            "execute": PRESET.policy_kwargs["execute"],
            "length": PRESET.policy_kwargs["memory_kwargs"]["length"],
            "text": made("none").initial_state(1)["text"].nbytes,
        },
        "acting": [acting(rows, rounds) for rows in (1, 8)],
        "larger": larger(1, rounds),
        "learning": [learning(frames, learn_rounds) for frames in PRESET.loading.frames],
    }
    page = report(results)
    print(page)
    if write:
        (RESULTS / "memory_vla_speed.md").write_text(page)
        (RESULTS / "memory_vla_speed.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    tyro.cli(main)
