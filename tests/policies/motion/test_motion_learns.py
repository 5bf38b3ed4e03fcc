"""From a dozen clips to motion by words: the arm that the text names is the one that moves."""

from __future__ import annotations

import numpy as np
import torch
from tiny_motion import SMALL, small_set
from torch.nn.functional import pad

from robomem.motion import Clip
from robomem.motion.learners import MotionBatch, TokenBatch
from robomem_policies.motion import TextToMotion


def _moved(clip: Clip, side: str, frames: slice) -> float:
    return float(np.ptp(clip.pose[frames, clip.body.at[clip.body.joint(f"{side}_shoulder")].start]))


def test_the_arm_that_is_named_moves():
    torch.manual_seed(0)
    entries = small_set(12).entries
    model = TextToMotion.for_data(small_set(12), **{**SMALL, "width": 32, "heads": 4, "condition_dropout": 0.1})
    rows = [model.normalised(entry.clip) for entry in entries]
    frames = max(map(len, rows))
    x = torch.stack([pad(row, (0, 0, 0, frames - len(row))) for row in rows])
    valid = torch.arange(frames) < torch.tensor([[len(row)] for row in rows])
    texts, ids = tuple(entry.texts[0] for entry in entries), tuple(entry.id for entry in entries)
    batch: MotionBatch | TokenBatch = MotionBatch(x, valid, texts, ids)
    generator = torch.Generator().manual_seed(0)
    for stage, steps in (("tokeniser", 200), ("generator", 200), ("residual", 60)):
        if stage == "generator":
            tokens, latents = model.eval().encode(x, valid)
            batch = TokenBatch(tokens, latents, model.tokeniser.whole(valid), torch.zeros(12).long(), texts, ids)
        optimizer = torch.optim.AdamW(model.stage(stage).parameters(), lr=4e-3)
        for _ in range(steps):
            loss = model.train().loss(stage, batch, generator)["loss"]
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    clips = model.eval().generate(["raise the left arm", "raise the right arm"] * 4, seed=1)
    for index, clip in enumerate(clips):
        named, other = ("left", "right") if index % 2 == 0 else ("right", "left")
        assert _moved(clip, named, slice(None)) > 2 * _moved(clip, other, slice(None))
        assert 20 <= len(clip) <= 44
