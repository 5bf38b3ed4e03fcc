"""How fast the action expert makes chunks, and learns. Writes docs/results/expert_speed.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/expert.py

Times are process CPU time on one thread, the least of several rounds; compare them within a run only. Rivals are timed
in turn, round by round, so that a change in the machine's load meets all. All of them are the same network with the
same weights, and the script checks first that they make the same chunks.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import diffusers
import torch
import tyro
from torch import Tensor

from robomem.train.process import settle
from robomem_policies.memory_vla.expert import ActionExpert, ExpertConfig

RESULTS = Path(__file__).parents[2] / "docs" / "results"
TINY = ExpertConfig()
LARGE = ExpertConfig(width=256, depth=6)
TOKENS, PERCEPTUAL, COGNITIVE = 16, 32, 64

Work = Callable[[], object]


def least(works: dict[str, Work], rounds: int, budget: float = 8.0) -> dict[str, float]:
    """CPU milliseconds of one call of each, the least over rounds that take at most ``budget`` seconds, but five."""
    best: dict[str, float] = {}
    begin = time.process_time()
    for done in range(rounds + 1):
        if done > 5 and time.process_time() - begin > budget:
            break
        for name, work in works.items():
            start = time.process_time()
            work()
            if done:  # the first is to warm up
                best[name] = min(best.get(name, float("inf")), 1e3 * (time.process_time() - start))
    return best


def expert(config: ExpertConfig, chunk: int, action: int) -> ActionExpert:
    """An expert whose layers that begin at zero do something."""
    torch.manual_seed(0)
    made = ActionExpert(
        chunk=chunk, action=action, perceptual_width=PERCEPTUAL, cognitive_width=COGNITIVE, config=config
    )
    for layer in [made.network.head[1], *(block.perceive.out for block in made.network.blocks)]:
        torch.nn.init.normal_(layer.weight, std=0.05)
    return made.eval()


def inputs(rows: int, chunk: int, action: int) -> tuple[Tensor, Tensor, Tensor]:
    """Cognitive tokens, perceptual tokens and noise."""
    return torch.randn(rows, 1, COGNITIVE), torch.randn(rows, TOKENS, PERCEPTUAL), torch.randn(rows, chunk, action)


@torch.no_grad()
def every_step(made: ActionExpert, cognitive: Tensor, perceptual: Tensor, noise: Tensor) -> Tensor:
    """As ``sample``, but the condition is prepared anew for every step of sampling."""
    x, network = noise, made.network
    dropped = torch.tensor([[False, True]])
    for step in made.process.steps:
        condition = network.condition(cognitive, perceptual, dropped)
        time_embedding = network.time(torch.tensor(step.time))
        answers = network(x[:, None].expand(-1, 2, -1, -1), time_embedding, condition)
        x = step.chunk * x + step.output * torch.lerp(answers[:, 1], answers[:, 0], made.config.guidance)
    return x


@torch.no_grad()
def pipeline(made: ActionExpert, cognitive: Tensor, perceptual: Tensor, noise: Tensor) -> Tensor:
    """As diffusers' pipelines and CogACT do it: inputs doubled for guidance, all of them through the whole network."""
    scheduler = diffusers.DDIMScheduler(
        made.config.train_steps, beta_schedule="squaredcos_cap_v2", clip_sample=False, set_alpha_to_one=True
    )
    scheduler.set_timesteps(made.config.steps)
    network, rows, x = made.network, len(noise), noise
    dropped = torch.arange(2 * rows)[:, None] >= rows
    cognitive, perceptual = torch.cat([cognitive, cognitive]), torch.cat([perceptual, perceptual])
    for step in scheduler.timesteps:
        condition = network.condition(cognitive, perceptual, dropped)
        time_embedding = network.time(step.expand(2 * rows, 1).float())
        answers = network(torch.cat([x, x])[:, None], time_embedding, condition)[:, 0]
        known, unknown = answers.chunk(2)
        x = scheduler.step(unknown + made.config.guidance * (known - unknown), step, x).prev_sample
    return x


@torch.no_grad()
def two_passes(made: ActionExpert, cognitive: Tensor, perceptual: Tensor, noise: Tensor) -> Tensor:
    """The naive loop: the whole network once with and once without cognition, for every step."""
    scheduler = diffusers.DDIMScheduler(
        made.config.train_steps, beta_schedule="squaredcos_cap_v2", clip_sample=False, set_alpha_to_one=True
    )
    scheduler.set_timesteps(made.config.steps)
    network, rows, x = made.network, len(noise), noise
    for step in scheduler.timesteps:
        known, unknown = (
            network(
                x[:, None],
                network.time(step.expand(rows, 1).float()),
                network.condition(cognitive, perceptual, torch.full((rows, 1), dropped)),
            )[:, 0]
            for dropped in (False, True)
        )
        x = scheduler.step(unknown + made.config.guidance * (known - unknown), step, x).prev_sample
    return x


def sampling(config: ExpertConfig, chunk: int, action: int, rows: int, rounds: int) -> dict[str, float | int]:
    """One chunk for each of ``rows``."""
    made, given = expert(config, chunk, action), inputs(rows, chunk, action)
    plain = expert(replace(config, guidance=1.0), chunk, action)
    flow = expert(replace(config, process="flow"), chunk, action)
    low = expert(replace(config, precision="bfloat16"), chunk, action)
    expected = made.sample(*given)
    for rival in (every_step, pipeline, two_passes):
        torch.testing.assert_close(rival(made, *given), expected, atol=2e-4, rtol=2e-4)
    works: dict[str, Work] = {
        "ours": lambda: made.sample(*given),
        "every_step": lambda: every_step(made, *given),
        "pipeline": lambda: pipeline(made, *given),
        "two_passes": lambda: two_passes(made, *given),
        "unguided": lambda: plain.sample(*given),
        "flow": lambda: flow.sample(*given),
        "bfloat16": lambda: low.sample(*given),
    }
    sizes = {"width": config.width, "depth": config.depth, "chunk": chunk, "action": action, "rows": rows}
    return {**sizes, **least(works, rounds)}


def learning(config: ExpertConfig, chunk: int, action: int, rows: int, rounds: int) -> dict[str, float | int]:
    """A loss and its gradient: draws that share a condition, against a batch that was replicated first."""
    made = expert(config, chunk, action)
    single = expert(replace(config, repeat=1), chunk, action)
    cognitive, perceptual, noise = inputs(rows, chunk, action)
    generator, valid = torch.Generator().manual_seed(0), torch.ones(rows, chunk, dtype=torch.bool)

    def learn(which: ActionExpert, copies: int) -> None:
        given = (part.repeat_interleave(copies, 0) for part in (noise.tanh(), valid, cognitive, perceptual))
        which.loss(*given, generator).mean().backward()
        which.zero_grad(set_to_none=True)

    times = least({"ours": lambda: learn(made, 1), "replicated": lambda: learn(single, config.repeat)}, rounds)
    return {"width": config.width, "depth": config.depth, "rows": rows, "repeat": config.repeat, **times}


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def report(results: dict) -> str:
    """The Markdown page."""
    setting = results["setting"]
    size = ["DiT", "chunk", "M"]

    def sizes(r: dict) -> list[str]:
        return [f"{r['depth']}×{r['width']}", f"{r['chunk']}×{r['action']}", str(r["rows"])]

    rivals = [
        [
            *sizes(r), f"{r['ours']:.1f}", f"{r['every_step']:.1f}", f"{r['ours'] / r['every_step']:.2f}×",
            f"{r['pipeline']:.1f}", f"{r['ours'] / r['pipeline']:.2f}×",
            f"{r['two_passes']:.1f}", f"{r['ours'] / r['two_passes']:.2f}×",
        ]
        for r in results["sampling"]
    ]  # fmt: skip
    options = [
        [*sizes(r), f"{r['ours']:.1f}", *(f"{r[name] / r['ours']:.2f}×" for name in ("unguided", "flow", "bfloat16"))]
        for r in results["sampling"]
    ]
    learn = [
        [
            f"{r['depth']}×{r['width']}", str(r["rows"]), str(r["repeat"]), f"{r['ours']:.0f}",
            f"{r['replicated']:.0f}", f"{r['ours'] / r['replicated']:.2f}×",
        ]
        for r in results["learning"]
    ]  # fmt: skip
    return f"""# Action expert: speed

Written by `scripts/bench/expert.py`. Process CPU milliseconds on one torch thread, the least of up to
{setting["rounds"]} rounds; rivals take turns within a round. {setting["machine"]}, torch {setting["torch"]}, diffusers
{setting["diffusers"]}. Read the ratios.

## A chunk: DDIM, {setting["steps"]} steps, guidance {setting["guidance"]}, {setting["tokens"]} perceptual tokens
The rivals are the same network with the same weights and make the same chunks (checked to 2e-4). *Every step*: keys
and values of what is perceived, embedded cognition and time anew for each step. *Pipeline*: that, with
inputs doubled for guidance and diffusers' `scheduler.step`, as diffusers' pipelines and CogACT do. *Two passes*: the
same with one pass for each half of guidance.

{table([*size, "ours, ms", "every step", "ours is", "pipeline", "ours is", "two passes", "ours is"], rivals)}

## Options, as a multiple of ours above
bfloat16 is for accelerators; a CPU gains by it only where it multiplies bfloat16 faster.

{table([*size, "ours, ms", "guidance 1", "flow", "bfloat16"], options)}

## Learning: a loss and its gradient, chunk 8×7
Draws that share their condition, against the batch replicated first.

{table(["DiT", "M", "draws", "ours, ms", "replicated, ms", "ours is"], learn)}
"""


def main(rounds: int = 60, write: bool = True) -> None:
    """Run all and write the page.

    Args:
        rounds: the least time of them counts.
        write: write docs/results, or print only.
    """
    settle()
    results = {
        "setting": {
            "rounds": rounds,
            "machine": platform.machine(),
            "torch": torch.__version__,
            "diffusers": diffusers.__version__,
            "steps": TINY.steps,
            "guidance": TINY.guidance,
            "tokens": TOKENS,
        },
        "sampling": [
            sampling(config, chunk, 7, rows, rounds)
            for config, chunk, rows in ((TINY, 8, 1), (TINY, 8, 16), (LARGE, 16, 1), (LARGE, 16, 4))
        ],
        "learning": [learning(TINY, 8, 7, rows, rounds) for rows in (32, 96)],
    }
    page = report(results)
    print(page)
    if write:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / "expert_speed.md").write_text(page)
        (RESULTS / "expert_speed.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    tyro.cli(main)
