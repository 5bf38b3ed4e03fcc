"""What the loop of `robomem train memory-vla` costs beside a bare PyTorch loop over the same batches and network.

    OMP_NUM_THREADS=1 python scripts/bench/imitation.py [ROUNDS] [STEPS]

CPU time of both in one process, by turns. The loop adds Accelerate, random numbers by step, checks of every gradient,
averages for the log, a thread that prepares batches, and a checkpoint at the end. Aim: 5 % or less.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from torch import Tensor, nn

from robomem.data.batch import Batch
from robomem.data.imitation import Frames, GroupLoader, Loading
from robomem.train import process
from robomem.train.imitation.config import ImitationConfig
from robomem.train.imitation.hardware import make_accelerator
from robomem.train.imitation.learner import Learner
from robomem.train.imitation.loop import Loop
from robomem.train.imitation.settings import OptimConfig
from robomem.train.imitation.source import Source
from robomem.train.loggers import make_logger
from robomem.train.progress import Progress
from robomem.train.run_folder import RunFolder
from robomem.train.stopping import StopRequest
from robomem.train.trail import Trail

CHUNK, SIZE, PIXELS, WIDTH = 4, 7, 32, 64


class Cloner(nn.Module):
    """Patches of 8 pixels, two transformer layers over the frames' tokens, a chunk of actions."""

    kind = "bench"
    chunk = CHUNK
    observation_space = gym.spaces.Box(0, 255, (PIXELS, PIXELS, 3), np.uint8)
    action_space = gym.spaces.Box(-1, 1, (SIZE,), np.float32)

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, 8, 8)
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 4 * WIDTH, 0.0, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, CHUNK * SIZE)

    def loss(self, batch: Batch[Tensor], memory: Any, generator: torch.Generator) -> Any:
        pixels = batch.observation["pixels"].flatten(0, 1).permute(0, 3, 1, 2) / 255.0
        tokens = self.layers(self.patches(pixels).flatten(2).transpose(1, 2)).mean(1)
        error = (self.head(tokens).view(batch.action.shape) - batch.action).square().mean(-1)
        return {"loss": error[batch.action_valid].mean()}, None

    def config(self) -> dict[str, Any]:
        return {}

    def arrays(self) -> dict[str, Any]:
        return {}


def frames(episodes: int = 40, length: int = 50) -> Frames:
    rng, count = np.random.default_rng(0), episodes * length
    return Frames(
        {"pixels": rng.integers(0, 256, (count, PIXELS, PIXELS, 3), np.uint8)},
        rng.normal(size=(count, SIZE)).astype(np.float32),
        np.tile(np.arange(length), episodes),
        np.zeros(count, np.int64),
        ("",),
        np.arange(episodes) * length,
        np.full(episodes, length),
        None,
        None,
        np.ones(count, bool),
    )


def bare(loader: GroupLoader, steps: int) -> float:
    policy, generator = Cloner(), torch.Generator()
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-3, fused=True)
    begin = time.process_time()
    for step in range(steps):
        losses, _ = policy.loss(loader.batch(step).map(torch.from_numpy), None, generator)
        optimizer.zero_grad(set_to_none=True)
        losses["loss"].backward()
        nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
    return time.process_time() - begin


def ours(loader: GroupLoader, steps: int) -> float:
    config = ImitationConfig(policy="bench", steps=steps, eval_every=10**6, logger=(), optim=OptimConfig())
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder))
        policy: Any = Cloner()
        learner = Learner(config, policy, make_accelerator(config))
        loop = Loop(config, run, learner, Source(loader, None, 0), Trail(), {})
        logger = make_logger(config, run.path, 0)
        begin = time.process_time()
        with StopRequest() as stop, Progress(steps, 0, "bench") as progress:
            loop.go_on(logger, stop, progress)
        return time.process_time() - begin


def main(rounds: int = 5, steps: int = 60) -> None:
    process.settle()
    loader = GroupLoader(frames(), Loading(sampler="uniform", groups=8, frames=(16, 16)), CHUNK)
    for loop in (bare, ours):
        loop(loader, 3)
    ratios = []
    for number in range(rounds):
        order = (bare, ours) if number % 2 else (ours, bare)
        seconds = {loop: loop(loader, steps) / steps for loop in order}
        ratios.append(seconds[ours] / seconds[bare])
        print(f"bare {seconds[bare] * 1e3:.1f} ms a step, ours {seconds[ours] * 1e3:.1f} ms, {ratios[-1]:.3f}")
    print(f"median of {rounds} rounds of {steps} steps: {np.median(ratios):.3f} of the bare loop's CPU time")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
