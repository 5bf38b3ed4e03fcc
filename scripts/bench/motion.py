"""How generation and training of motion grow with length. Writes docs/results/motion_speed.{md,json}.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive python scripts/bench/motion.py

The preset `cpu` with the Mamba, the transformer and the GRU of equal parameters, weights as they begin: speed does not
depend on them. One text, one segment of so many frames; each length in a fresh process, whose peak memory is told over
that before the work. Times are process CPU time on one thread, the least of some rounds; compare within a run only.
"""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import torch
import tyro
from sequence import table

from robomem.motion.robots import robots
from robomem.train.motion.presets import cpu
from robomem.train.process import settle
from robomem_policies.motion.config import GeneratorConfig, ModelConfig, TokeniserConfig, made, split_fields
from robomem_policies.motion.model import TextToMotion
from robomem_policies.motion.words import TextEncoder

RESULTS = Path(__file__).parents[2] / "docs" / "results"
MIXERS = ("mamba", "transformer", "gru")
TEXT, FPS, SEGMENT = "wave with the right hand", 20.0, 64
TOKENS_AT_ONCE = 2048


def model_of(mixer: str, frames: int) -> TextToMotion:
    """The preset's model for motions of so many frames."""
    torch.manual_seed(0)
    tokeniser, generator = split_fields({**cpu().model_kwargs, "mixer": mixer, "mask": "random"})
    config = ModelConfig(made(TokeniserConfig, tokeniser), made(GeneratorConfig, generator))
    text = TextEncoder.of(config.generator.text, config.generator.text_width, [TEXT])
    return TextToMotion(robots["humanoid"]().body, FPS, config, text, frames // config.tokeniser.frames)


def generation(mixer: str, frames: int, rounds: int, segments: int = 1) -> dict[str, float]:
    """CPU seconds and peak MiB of one motion."""
    model = model_of(mixer, frames // segments).eval()
    words, seconds = ";".join([TEXT] * segments), frames / segments / FPS
    model.generate(TEXT, seconds=4 / FPS)  # what is loaded once
    before = _peak_mib()
    best = float("inf")
    for number in range(rounds):
        start = time.process_time()
        (clip,) = model.generate(words, seconds=seconds, seed=number)
        best = min(best, time.process_time() - start)
        assert len(clip) == frames
    return {"seconds": best, "mib": _peak_mib() - before}


def training(mixer: str, frames: int, rounds: int) -> dict[str, float]:
    """Tokens a CPU second of the generator's updates without the optimiser, and peak MiB."""
    model = model_of(mixer, frames).train()
    count, sizes = frames // model.frames_per_token, model.config.tokeniser
    rows = max(1, TOKENS_AT_ONCE // count)
    draw = torch.Generator().manual_seed(0)
    tokens = torch.randint(sizes.codes, (rows, count), generator=draw)
    latents, valid = torch.randn(rows, count, sizes.code_width, generator=draw), torch.ones(rows, count).bool()

    def step(rows: slice) -> None:
        text = model.generator.text([TEXT] * len(tokens[rows]))
        model.generator.loss(tokens[rows], latents[rows], valid[rows], text, draw)["loss"].backward()
        model.zero_grad(set_to_none=True)

    step(slice(0, 1))
    before = _peak_mib()
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        step(slice(None))
        best = min(best, time.process_time() - start)
    return {"tokens_a_second": rows * count / best, "rows": rows, "mib": _peak_mib() - before}


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fresh(what: str, mixer: str, frames: int, rounds: int, segments: int = 1) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    words = [what, mixer, str(frames), str(rounds), str(segments)]
    run = subprocess.run([sys.executable, __file__, "--child", *words], capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"{' '.join(words)} failed: {run.stderr[-2000:]}")
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    print(what, mixer, frames, segments, found, flush=True)
    return found


def report(found: dict) -> str:
    """The Markdown page."""
    names = [*MIXERS, f"mamba, segments of {SEGMENT}"]
    lengths = [int(length) for length in found["generation"][names[0]]]
    rows = [
        [f"{length:,}"]
        + [
            f"{one['seconds']:.2f}, {one['mib']:.0f}"
            for one in (found["generation"][name][str(length)] for name in names)
        ]
        for length in lengths
    ]
    learnt = [
        [f"{length:,}"]
        + [
            f"{one['tokens_a_second']:,.0f}, {one['mib']:.0f}"
            for one in (found["training"][name][str(length)] for name in MIXERS)
        ]
        for length in lengths
    ]
    parameters = ", ".join(f"{name} {count:,}" for name, count in found["parameters"].items())
    first, last = str(lengths[0]), str(lengths[-1])
    growth = {
        name: found["generation"][name][last]["seconds"] / found["generation"][name][first]["seconds"]
        for name in MIXERS
    }
    told = ", ".join(f"{name} {value:.0f}×" for name, value in growth.items())
    return f"""# Generating motion: growth with length

Written by `scripts/bench/motion.py`: preset `cpu`, one thread, process CPU seconds, the least of {found["rounds"]}
rounds; each length in a fresh process, MiB over what the process had before. {found["machine"]}, torch
{found["torch"]}. Parameters of the generators: {parameters}. From {int(first):,} to {int(last):,} frames
({int(last) // int(first)}× as many) the time of one motion grows: {told}.

## One motion: seconds, MiB

One text and one segment of so many frames (12 steps of unmasking with guidance, residual layers, decoder). The last
column makes the same length of segments of {SEGMENT} frames, each told the 12 tokens before it, which is linear
whatever mixes the tokens.

{table(["frames", *names], rows)}

## Training the generator: tokens a second, MiB

Forward and backward with the contrast, random masks, {TOKENS_AT_ONCE:,} tokens at once in rows of so many frames.

{table(["frames", *MIXERS], learnt)}
"""


def main(
    child: tuple[str, str, int, int, int] | None = None,
    frames: tuple[int, ...] = (64, 128, 256, 512, 1024, 2048, 4096),
    rounds: int = 3,
    write: bool = True,
) -> None:
    """Run it and write the page.

    Args:
        child: what a fresh process measures; the script's own.
        frames: lengths.
        rounds: the least time counts.
        write: write docs/results, or print only.
    """
    settle()
    if child is not None:
        what, mixer, length, count, segments = child
        found = generation(mixer, length, count, segments) if what == "generation" else training(mixer, length, count)
        print(json.dumps(found))
        return
    made_of = {name: {str(length): fresh("generation", name, length, rounds) for length in frames} for name in MIXERS}
    made_of[f"mamba, segments of {SEGMENT}"] = {
        str(length): fresh("generation", "mamba", length, rounds, max(1, length // SEGMENT)) for length in frames
    }
    results = {
        "rounds": rounds,
        "machine": platform.machine(),
        "torch": torch.__version__,
        "parameters": {
            name: sum(part.numel() for part in model_of(name, 64).generator.parameters()) for name in MIXERS
        },
        "generation": made_of,
        "training": {
            name: {str(length): fresh("training", name, length, rounds) for length in frames} for name in MIXERS
        },
    }
    page = report(results)
    print(page)
    if write:
        (RESULTS / "motion_speed.md").write_text(page)
        (RESULTS / "motion_speed.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    tyro.cli(main)
