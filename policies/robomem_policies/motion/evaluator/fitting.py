"""How an evaluator learns: texts and real clips are brought together, what does not belong together apart."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import log_softmax

from robomem.errors import ConfigError, DataError
from robomem.motion import Clip
from robomem.motion.metrics.meaning import meaning, pieces
from robomem.motion.metrics.retrieval import r_precision
from robomem.motion.mirror import mirrored_text
from robomem.motion.motion_set import MotionSet
from robomem.seeding import generator as stream
from robomem_policies.motion.evaluator.evaluator import Evaluator
from robomem_policies.motion.evaluator.words import Words

__all__ = ["Fitting", "contrast", "fit_evaluator"]

_LARGEST_SCALE, _LEAST, _WHOLE, _SORTED = math.log(100), 16, 2, 8


@dataclass(frozen=True)
class Fitting:
    """How long and how large.

    Attributes:
        epochs: at most.
        patience: epochs without a better R-precision on the split "val" before it ends.
        batch: clips that are told apart at once.
        rate: of learning.
        decay: of weights.
        width: of the networks' layers.
        size: numbers of an embedding.
        minutes: of CPU time, after which it ends.

    Raises:
        ConfigError: a number is not positive.
    """

    epochs: int = 25
    patience: int = 6
    batch: int = 64
    rate: float = 1e-3
    decay: float = 0.01
    width: int = 128
    size: int = 128
    minutes: float = 4.0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not value > 0:
                raise ConfigError(f"{name} of an evaluator must be positive, not {value}.")


@dataclass(frozen=True)
class _Example:
    texts: tuple[str, ...]
    features: Tensor
    meaning: Hashable


def fit_evaluator(
    motion_set: MotionSet,
    seed: int = 0,
    fitting: Fitting | None = None,
    *,
    told: Callable[[int, int], None] | None = None,
) -> Evaluator:
    """Return an evaluator learnt from the split "train"; segments of "val" say when to end.

    It learns from segments, which is what motions are measured by, and from whole clips of one or two, in which the
    order of actions matters.

    Args:
        motion_set: real clips; what models made must not be among them.
        seed: of weights and order.
        fitting: how long and how large.
        told: called with epochs done and in all.

    Raises:
        DataError: fewer than 16 clips to learn from or to validate on.
    """
    fitting = fitting or Fitting()
    train, val = motion_set.of("train").entries, motion_set.of("val").entries
    if min(len(train), len(val)) < _LEAST:
        raise DataError(
            f"An evaluator needs at least {_LEAST} clips in the splits train and val, not {len(train)} and {len(val)}."
        )

    spoken = [(entry.texts, entry.clip) for entry in train if len(entry.clip.segments) <= _WHOLE]
    for entry in train:
        if len(entry.clip.segments) > 1:
            spoken += [((piece.text,), piece) for piece in pieces(entry.clip)]
    numbers = motion_set.features().encode_all([clip for _, clip in spoken])
    examples = [_Example(texts, torch.from_numpy(rows), meaning(clip)) for (texts, clip), rows in zip(spoken, numbers)]
    seen = [piece for entry in val for piece in pieces(entry.clip) or [entry.clip]]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        evaluator = Evaluator(
            motion_set.body,
            motion_set.fps,
            Words.of(text for one in examples for text in one.texts),
            *motion_set.statistics(),
            width=fitting.width,
            size=fitting.size,
        )
        best, epochs = _learn(evaluator, examples, seen, stream(seed, "evaluator"), fitting, told)
    evaluator.facts = {
        "seed": seed,
        "data": motion_set.fingerprint(),
        "examples": len(examples),
        "epochs": epochs,
        "r_precision": best,
        "fitting": asdict(fitting),
    }
    return evaluator.eval()


def _learn(
    evaluator: Evaluator,
    examples: Sequence[_Example],
    val: Sequence[Clip],
    rng: np.random.Generator,
    fitting: Fitting,
    told: Callable[[int, int], None] | None,
) -> tuple[list[float], int]:
    """Learn until nothing gets better; the best weights are kept. Returns the R-precision on val, and epochs."""
    optimizer = torch.optim.AdamW(evaluator.parameters(), fitting.rate, weight_decay=fitting.decay)
    steps = fitting.epochs * max(1, len(examples) // fitting.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    best, kept, since, epoch = [-1.0], copy.deepcopy(evaluator.state_dict()), 0, 0
    begin = time.process_time()
    for epoch in range(1, fitting.epochs + 1):
        evaluator.train()
        for rows in _batches([len(one.features) for one in examples], fitting.batch, rng):
            loss = contrast(evaluator, [examples[row] for row in rows], rng)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(evaluator.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        found = _validate(evaluator, val)
        since = since + 1 if sum(found) <= sum(best) else 0
        if not since:
            best, kept = found, copy.deepcopy(evaluator.state_dict())
        if told:
            told(epoch, fitting.epochs)
        if since >= fitting.patience or (time.process_time() - begin) / 60 > fitting.minutes:
            break
    evaluator.load_state_dict(kept)
    return best, epoch


def _batches(frames: Sequence[int], size: int, rng: np.random.Generator) -> list[list[int]]:
    """Return rows in random order, a batch of clips of like length, so that little of it is padding."""
    order, found = [int(row) for row in rng.permutation(len(frames))], []
    for at in range(0, len(order), _SORTED * size):
        some = sorted(order[at : at + _SORTED * size], key=lambda row: frames[row])
        found += [some[start : start + size] for start in range(0, len(some), size)]
    found = [rows for rows in found if len(rows) == min(size, len(order))]
    return [found[at] for at in rng.permutation(len(found))]


def contrast(evaluator: Evaluator, batch: Sequence[_Example], rng: np.random.Generator) -> Tensor:
    """Return the loss of a batch: from motion to text and back, shared evenly among rows that mean the same.

    Beside the batch's own texts each motion is held against hard ones: a text with left and right exchanged, or with
    its segments in another order.
    """
    texts = [str(rng.choice(one.texts)) for one in batch]
    wrong = [other for text in texts for other in _twisted(text, rng)]
    points = evaluator.text_points([*texts, *wrong])
    motions = evaluator.motion_points([one.features for one in batch])
    scores = motions @ points.mT * evaluator.log_scale.clamp(max=_LARGEST_SCALE).exp()
    numbers: dict[Hashable, int] = {}
    means = torch.tensor([numbers.setdefault(one.meaning, len(numbers)) for one in batch])
    same = (means[:, None] == means).float()
    target = same / same.sum(1, keepdim=True)
    count = len(batch)
    to_text = -(target * log_softmax(scores, 1)[:, :count]).sum(1).mean()
    to_motion = -(target * log_softmax(scores[:, :count].mT, 1)).sum(1).mean()
    return to_text + to_motion


def _twisted(text: str, rng: np.random.Generator) -> list[str]:
    found = [mirrored_text(text)]
    parts = text.split(";")
    if len(parts) > 1:
        found.append(";".join(parts[at] for at in rng.permutation(len(parts))))
    return [other for other in found if other != text]


def _validate(evaluator: Evaluator, clips: Sequence[Clip]) -> list[float]:
    return [
        float(value)
        for value in r_precision(
            evaluator.embed_texts([clip.text for clip in clips]),
            evaluator.embed_clips(clips),
            [meaning(clip) for clip in clips],
            stream(0, "validation"),
            batch=min(32, len(clips)),
        )
    ]
