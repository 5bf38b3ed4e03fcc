"""A labelled set of motion: commands drawn, carried out in MuJoCo, measured, put into words.

A clip is a function of robot, seed and number alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from robomem.errors import ConfigError, EnvironmentFault, RobomemError
from robomem.motion import Clip, Segment, mirrored
from robomem.motion.mirror import mirrored_text
from robomem.motion.motion_set import Entry
from robomem_envs.motion.command import Command, composition
from robomem_envs.motion.falls import standing
from robomem_envs.motion.plan import Knot, sampled
from robomem_envs.motion.repertoire import Repertoire
from robomem_envs.motion.stage import FPS, RATE_HZ, Stage
from robomem_envs.motion.words.grammar import paragraphs, sentences

__all__ = ["Generator", "split_of"]

_PARAPHRASES = 4
_ATTEMPTS = 50
_SETTLE_S = 0.3
_HURRY = (0.75, 1.0)
"""How much of the way back to rest is gone before the next action begins."""
_SHARES = {"test": 0.1, "val": 0.06}


@dataclass(frozen=True)
class Generator:
    """Makes clips.

    Attributes:
        name: of the robot; it begins every clip's id.
        stage: where it acts.
        repertoire: what it can do.
    """

    name: str
    stage: Stage
    repertoire: Repertoire

    def entries(
        self, clips: int, seed: int, segments: tuple[int, int], mirror: bool, told: Callable[[int], None] | None
    ) -> Iterator[Entry]:
        """Yield labelled clips; see `RobotMotion.generate`."""
        least, most = segments
        if clips < 1 or not 1 <= least <= most:
            raise ConfigError(f"Make at least one clip of 1 or more segments, not {clips} of {least} to {most}.")
        made = 0
        for number in range(clips if not mirror else -(-clips // 2)):
            entry = self.entry(seed, number, segments)
            both = (entry, _mirrored(entry)) if mirror else (entry,)
            for one in both[: clips - made]:
                made += 1
                yield one
                if told:
                    told(made)

    def entry(self, seed: int, number: int, segments: tuple[int, int]) -> Entry:
        """Return clip ``number`` of a seed.

        Raises:
            RobomemError: the robot did not do what it was told in many attempts.
        """
        for attempt in range(_ATTEMPTS):
            rng = np.random.default_rng([seed, number, attempt])
            counts = np.arange(segments[0], segments[1] + 1)
            weights = 1.0 / counts
            count = int(rng.choice(counts, p=weights / weights.sum()))
            commands = [self.repertoire.draw(rng) for _ in range(count)]
            clip = self.performed(commands, rng)
            if clip is not None:
                return self._told(f"{self.name}-{seed}-{number:06d}", commands, clip, rng)
        raise RobomemError(f"{self.name} did none of {_ATTEMPTS} commands as told (seed {seed}, clip {number}).")

    def performed(self, commands: list[Command], rng: np.random.Generator) -> Clip | None:
        """Return the clip with its segments, still without words; None where it does not show what was commanded."""
        start = self.repertoire.rest(rng)
        knots: list[Knot] = []
        ends: list[float] = []
        for number, command in enumerate(commands):
            *way, back = self.repertoire.knots(command, rng)
            home, last = self.repertoire.rest(rng), number == len(commands) - 1
            gone = 1.0 if last else float(rng.uniform(*_HURRY))
            knots += [*way, Knot(back.seconds * gone, way[-1].pose + gone * (home - way[-1].pose), stop=last)]
            late = sum(knot.seconds for knot in knots) * FPS  # a segment ends with a frame
            knots[-1] = replace(knots[-1], seconds=knots[-1].seconds + (np.ceil(late) - late) / FPS)
            ends.append(sum(knot.seconds for knot in knots))
        settle = np.tile(start, (round(_SETTLE_S * RATE_HZ), 1))
        self.stage.place(start)
        try:
            self.stage.perform(settle)
            pose, position, rotation = self.stage.perform(sampled(start, knots, RATE_HZ))
        except EnvironmentFault:
            return None
        bounds = [0, *(round(end * FPS) for end in ends)]
        bounds[-1] = min(bounds[-1], len(pose))
        spans = [Segment(first, last, "", c.labels) for first, last, c in zip(bounds, bounds[1:], commands)]
        clip = Clip(self.stage.body, FPS, pose, position, rotation, segments=tuple(spans))
        if not standing(clip).all():
            return None
        for span, command in zip(spans, commands):
            if not self.repertoire.honest(command, _cut(clip, span)):
                return None
        return clip

    def _told(self, name: str, commands: list[Command], clip: Clip, rng: np.random.Generator) -> Entry:
        split = split_of(commands)
        told = [sentences(command, rng, _PARAPHRASES, unseen=split != "train") for command in commands]
        texts = tuple(paragraphs(told, rng, _PARAPHRASES))
        spans = tuple(replace(span, text=ways[0]) for span, ways in zip(clip.segments, told))
        return Entry(name, texts, split, replace(clip, text=texts[0], segments=spans))


def split_of(commands: list[Command]) -> str:
    """Return the split of a sequence of commands: the same for its mirror image, for all seeds and all words.

    So no combination that is tested was trained on; a word order that is tested was not either (`words.grammar`).
    """
    key = repr([command.labels for command in composition(commands)]).encode()
    share = int.from_bytes(hashlib.sha256(key).digest()[:8], "big") / 2**64
    for split, size in _SHARES.items():
        if share < size:
            return split
        share -= size
    return "train"


def _cut(clip: Clip, span: Segment) -> Clip:
    part = slice(span.start, span.end)
    return replace(
        clip,
        pose=clip.pose[part],
        root_position=clip.root_position[part],
        root_rotation=clip.root_rotation[part],
        segments=(),
    )


def _mirrored(entry: Entry) -> Entry:
    texts = tuple(mirrored_text(text) for text in entry.texts)
    return Entry(f"{entry.id}-mirrored", texts, entry.split, mirrored(entry.clip))
