"""Rapid word learning with distractor phases, in symbols."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.errors import ConfigError
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.ballet.looks import CELL, COLOURS, SHAPES, sprites
from robomem_envs.engine import RowGenerators, Task

__all__ = ["WORDS", "WordLearning"]

WORDS = 20
"""Words that exist; which object a word means is drawn anew in each episode."""
_LOOK = 8
_RGB: FloatArray = np.array(list(COLOURS.values()), np.float32) / 255.0
_KINDS = len(SHAPES) * len(COLOURS)
_ZOOM = 8


class WordLearning(Task):
    """Objects are shown one by one, each with its name; then one is asked for: pick it. Chance: 1 / objects.

    A light relative of the rapid word learning of Lampinen et al. 2021 (HCAM), which needs Unity: no room to walk in,
    the same question to the memory. Between naming and question lie distractor phases, each of which names as many
    other objects with other words. Train with few, test with more: what was learnt should outlast ten.

    While things are named, actions do nothing. The question lasts one step: its action picks a slot and ends the
    episode.

    Observations: ``instruction`` [1] int64, the word that is said, 0 … 19. ``objects`` [8 * objects], for each slot
    from left to right 1 if something is there, red, green, blue in [0, 1], and the four bits of the shape's number,
    1 … 15, lowest first. While naming, the object is in the first slot; in the question all are there, in an order
    drawn anew.

    Actions: the slot to pick.

    Args:
        distractors: how many distractor phases.
        objects: how many objects are named and then shown, 2 to 6.
        show_steps: steps for which each naming lasts.
    """

    frames_per_second: ClassVar[int] = 2

    def __init__(self, distractors: int = 1, objects: int = 3, show_steps: int = 2) -> None:
        if distractors < 0 or show_steps < 1:
            raise ConfigError(
                f"distractors must be at least 0 and show_steps at least 1, not {distractors}, {show_steps}."
            )
        if not 2 <= objects <= 6:
            raise ConfigError(f"objects must be 2 to 6, not {objects}.")
        self.objects, self.show_steps = objects, show_steps
        self._namings = objects * (1 + distractors)
        self.go_at = self._namings * show_steps
        self.max_steps, self.chance = self.go_at + 1, 1.0 / objects
        self.observation_space = spaces.Dict(
            {
                "instruction": spaces.MultiDiscrete([WORDS]),
                "objects": spaces.Box(0, 1, (_LOOK * objects,), np.float32),
            }
        )
        self.action_space = spaces.Discrete(objects)

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        self.episode.allot(word=(np.int64, self._namings), kind=(np.int64, self._namings))  # kind: shape and colour
        self.episode.allot(slot=(np.int64, self.objects), asked=(np.int64,), picked=(np.int64,))
        self._rows: IntArray = np.arange(batch)

    def reset(self, rows: IntArray, rng: RowGenerators) -> None:
        episode, named = self.episode, self._namings
        drawn = rng.draw(self._episode)
        episode.word[rows], episode.kind[rows] = drawn[:, :named], drawn[:, named : 2 * named]
        episode.slot[rows], episode.asked[rows] = drawn[:, 2 * named : -1], drawn[:, -1]
        episode.picked[rows] = -1

    def act(self, action: npt.NDArray[Any]) -> None:
        self.episode.picked = np.where(self.clock > self.go_at, self.episode.slot[self._rows, action], -1)

    def observe(self) -> dict[str, npt.NDArray[Any]]:
        episode, rows = self.episode, self._rows
        asking = self.clock >= self.go_at
        now = np.minimum(self.clock // self.show_steps, self._namings - 1)
        word = np.where(asking, episode.word[rows, episode.asked], episode.word[rows, now])
        seen = np.zeros((self.batch, self.objects, _LOOK), np.float32)
        seen[:, 0] = _look(episode.kind[rows, now])
        seen[asking] = _look(episode.kind[rows[:, None], episode.slot][asking])
        return {"instruction": word[:, None], "objects": seen.reshape(self.batch, -1)}

    def reward(self) -> dict[str, FloatArray]:
        return {"pick": self.success().astype(np.float64)}

    def success(self) -> BoolArray:
        right: BoolArray = self.episode.picked == self.episode.asked
        return right

    def failure(self) -> BoolArray:
        return (self.episode.picked >= 0) & ~self.success()

    def expert(self) -> npt.NDArray[Any]:
        slot: IntArray = (self.episode.slot == self.episode.asked[:, None]).argmax(axis=1)
        return slot

    def render(self, row: int) -> npt.NDArray[np.uint8]:
        """Draw the objects in a row, and above them the word: one of twenty lights."""
        clock, episode = int(self.clock[row]), self.episode
        naming = min(clock // self.show_steps, self._namings - 1)
        asking = clock >= self.go_at
        kinds = episode.kind[row, episode.slot[row]] if asking else episode.kind[row, [naming]]
        board = np.zeros((CELL + 5, max(2 * WORDS + 1, (CELL + 2) * self.objects), 3), np.uint8)
        word = episode.word[row, episode.asked[row] if asking else naming]
        board[1, 1 : 2 * WORDS : 2] = 60
        board[1, 2 * word + 1] = 255
        for slot, kind in enumerate(kinds):
            left = 1 + slot * (CELL + 2)
            board[4 : 4 + CELL, left : left + CELL] = sprites(*np.divmod(kind, len(COLOURS)))
        return np.repeat(np.repeat(board, _ZOOM, axis=0), _ZOOM, axis=1)

    def _episode(self, generator: np.random.Generator) -> IntArray:
        """Draw the words and the looks of all namings, the slots of the question, and what it asks for."""
        own, others = self.objects, self._namings - self.objects
        words = generator.permutation(WORDS)
        shapes, colours = (generator.choice(len(each), own, replace=False) for each in (SHAPES, COLOURS))
        kinds = shapes * len(COLOURS) + colours
        distractors = generator.integers(_KINDS - own, size=others)
        for kind in np.sort(kinds):
            distractors += distractors >= kind
        return np.concatenate(
            [
                words[:own],
                generator.choice(words[own:], others),
                kinds,
                distractors,
                generator.permutation(own),
                [generator.integers(own)],
            ]
        )


def _look(kind: IntArray) -> FloatArray:
    """Return what is seen of objects [...]: present, colour, bits of the shape, [..., 8]."""
    shape, colour = np.divmod(kind, len(COLOURS))
    look = np.ones((*kind.shape, _LOOK), np.float32)
    look[..., 1:4] = _RGB[colour]
    look[..., 4:] = ((shape[..., None] + 1) >> np.arange(4)) & 1
    return look
