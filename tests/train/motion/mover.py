"""A model of motion that takes a second to train, and a set of clips to train it on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

sys.path.append(str(Path(__file__).parents[2] / "motion"))

from moving_bodies import torso, wandering

from robomem.motion import Body, Clip, Segment
from robomem.motion.learners import MotionBatch, TokenBatch, motion_learners
from robomem.motion.motion_set import Entry, MotionSet, write
from robomem.serialization import read_bundle, write_bundle
from robomem.train.arrays import from_tensors, into_tensors
from robomem.train.motion.config import MotionConfig, StageConfig

FRAMES_PER_TOKEN, LAYERS, CODES, WIDTH = 4, 2, 6, 5


class Mover(nn.Module):
    """Rounds the mean of four frames to codes, and guesses codes from the number of letters of the words.

    Args:
        body: who moves.
        fps: frames a second.
        size: D.
        poison: update of the generator from which its loss is not a number.
    """

    stages: Sequence[str] = ("tokeniser", "generator", "residual")
    frames_per_token = FRAMES_PER_TOKEN

    def __init__(self, body: Body, fps: float, size: int, width: int = WIDTH, poison: int = 10**9) -> None:
        super().__init__()
        self.body, self.fps, self.poison = body, fps, poison
        self.parts = nn.ModuleDict(
            {
                "tokeniser": nn.ModuleDict({"into": nn.Linear(size, width), "out": nn.Linear(width, size)}),
                "generator": nn.ModuleDict({"head": nn.Linear(2, CODES), "drop": nn.Dropout(0.1)}),
                "residual": nn.ModuleDict({"head": nn.Linear(2, CODES)}),
            }
        )
        self.parts["tokeniser"].register_buffer("seen", torch.zeros(()))
        self.parts["generator"].register_buffer("updates", torch.zeros(()))
        self.parts["generator"].register_parameter("frozen", nn.Parameter(torch.ones(3), requires_grad=False))

    @classmethod
    def for_data(cls, motion_set: MotionSet, **kwargs: Any) -> Mover:
        return cls(motion_set.body, motion_set.fps, motion_set.features().size, **kwargs)

    def stage(self, name: str) -> nn.Module:
        return self.parts[name]

    def loss(self, stage: str, batch: MotionBatch | TokenBatch, generator: torch.Generator) -> Mapping[str, Tensor]:
        part = self.parts[stage]
        if isinstance(batch, MotionBatch):
            assert stage == "tokeniser"
            noise = 0.1 * torch.randn(batch.x.shape, generator=generator)
            if part.training:
                part.seen += batch.valid.sum()
            error = ((part["out"](part["into"](batch.x + noise)) - batch.x) ** 2)[batch.valid].mean()
            return {"loss": error, "reconstruction": error}
        letters = torch.tensor([[len(text), text.count("left")] for text in batch.texts], dtype=torch.float32)
        logits = part["head"](letters / 10)
        if stage == "generator":
            logits = part["drop"](logits)
            if part.training:
                part.updates += 1
                if part.updates >= self.poison:
                    logits = logits * torch.nan
        layer = 0 if stage == "generator" else 1
        place = torch.arange(batch.valid.shape[1])
        asked = batch.valid & (place >= batch.prefix[:, None])
        targets = batch.tokens[..., layer][asked]
        rows = torch.arange(len(letters))[:, None].expand_as(asked)[asked]
        return {"loss": nn.functional.cross_entropy(logits[rows], targets)}

    def encode(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        latents = self.parts["tokeniser"]["into"](x).unflatten(1, (-1, FRAMES_PER_TOKEN)).mean(2)
        codes = (latents[..., :LAYERS] * 3).round().long().clamp(-3, 2) + 3
        return codes, latents

    def save(self, directory: Path | str, *, info: Mapping[str, Any] | None = None) -> None:
        size = self.parts["tokeniser"]["into"].in_features
        meta = {"body": self.body.to_json(), "fps": self.fps, "size": size, "info": dict(info or {})}
        write_bundle(directory, "mover", meta, {"weights": from_tensors(self.state_dict())})

    @classmethod
    def load(cls, directory: Path | str) -> Mover:
        bundle = read_bundle(directory, "mover")
        model = cls(Body.from_json(bundle.meta["body"]), bundle.meta["fps"], bundle.meta["size"])
        into_tensors("weights", model.state_dict(), bundle.arrays["weights"])
        return model

    def generate(
        self,
        texts: str | Iterable[str],
        *,
        seconds: float | Sequence[float] | None = None,
        seed: int = 0,
        guidance: float = 4.0,
        temperature: float = 1.0,
        smoothing: float = 0.05,
    ) -> list[Clip]:
        """Return a body at rest that says what it was asked for."""
        clips = []
        for text in [texts] if isinstance(texts, str) else texts:
            parts = [part.strip() for part in text.split(";")]
            told = [seconds] * len(parts) if isinstance(seconds, (int, float)) else list(seconds or [2.0] * len(parts))
            frames = [round(each * self.fps) for each in told]
            ends = np.cumsum(frames)
            segments = tuple(Segment(int(end - count), int(end), part) for part, count, end in zip(parts, frames, ends))
            rng = np.random.default_rng(seed)
            pose = self.body.zero + 0.02 * temperature * np.cumsum(rng.normal(size=(ends[-1], self.body.size)), 0)
            clips.append(Clip.at_rest(self.body, self.fps, pose, text=text, segments=segments))
        return clips


if "mover" not in motion_learners:
    motion_learners.add("mover", Mover)


def clip(seed: int, frames: int, body: Body | None = None) -> Clip:
    side = ("left", "right")[seed % 2]
    whole = replace(wandering(seed, frames, body), text=f"wave the {side} hand; bow", segments=())
    if seed % 3:
        return whole
    half = frames // 2
    return replace(whole, segments=(Segment(0, half, f"wave the {side} hand"), Segment(half, frames, "bow")))


def moves(count: int = 26, *, seed: int = 0, body: Body | None = None, val: bool = True) -> MotionSet:
    """Return clips of 17 to 80 frames, of which every fifth judges, and one says how long it is."""
    rng = np.random.default_rng(seed)
    entries = []
    for number in range(count):
        made = clip(seed + number, int(rng.integers(17, 80)), body)
        split = "val" if val and number % 5 == 4 else "train"
        entries.append(Entry(f"clip-{number}", (made.text, f"{made.text}!", f"please {made.text}"), split, made))
    return MotionSet(body or torso(), 20.0, entries, {"generator": "tests"})


def record(folder: Path, **kwargs: Any) -> Path:
    """Write `moves` to a folder."""
    write(folder, moves(**kwargs))
    return folder


_STAGE = StageConfig(steps=12, batch=4, warmup=2, learning_rate=1e-2)
TINY = MotionConfig(
    model="mover",
    tokeniser=_STAGE,
    generator=replace(_STAGE, steps=10),
    residual=replace(_STAGE, steps=6),
    seed=3,
    window=32,
    log_every=5,
    eval_every=4,
    logger=(),
    device="cpu",
)


def tiny(data: Path, out: Path, config: MotionConfig = TINY, **changes: Any) -> MotionConfig:
    return replace(config, data=str(data), out=str(out), **changes)
