"""A small set of motions and a small model of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from moving_bodies import torso

from robomem.motion import Clip, Segment
from robomem.motion.motion_set import Entry, MotionSet
from robomem_policies.motion import TextToMotion

SMALL: dict[str, Any] = {
    "tokeniser_width": 16,
    "depth": 1,
    "codes": 16,
    "code_width": 8,
    "tokeniser_layers": 3,
    "window": 16,
    "width": 16,
    "layers": 2,
    "residual_layers": 1,
    "state_size": 4,
    "head_size": 8,
    "heads": 2,
    "text_width": 16,
    "dropout": 0.0,
}


def raising(side: str, frames: int, seed: int = 0) -> Clip:
    """Return a clip in which one arm is turned."""
    body = torso()
    pose = np.tile(body.zero, (frames, 1))
    pose[:, body.at[body.joint(f"{side}_shoulder")].start] = np.linspace(0, 1, frames)
    pose[:, body.at[body.joint(f"{side}_elbow")].start] = 0.3 * np.sin(np.arange(frames) / 3 + seed)
    text = f"raise the {side} arm"
    return replace(Clip.at_rest(body, 20.0, pose, text=text), segments=(Segment(0, frames, text),))


def small_set(clips: int = 8) -> MotionSet:
    """Return clips of both arms, of different lengths."""
    made = [raising("left" if index % 2 else "right", 24 + 4 * (index % 5), index) for index in range(clips)]
    return MotionSet(
        torso(), 20.0, tuple(Entry(f"clip-{i}", (clip.text,), "train", clip) for i, clip in enumerate(made))
    )


def small_model(**fields: Any) -> TextToMotion:
    """Return a model with random weights whose codebooks are not empty."""
    torch.manual_seed(0)
    model = TextToMotion.for_data(small_set(), **{**SMALL, **fields})
    model.tokeniser.quantiser.codebook.normal_()
    model.tokeniser.quantiser.begun.fill_(True)
    return model.eval()
