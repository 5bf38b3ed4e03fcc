"""The Ballet task of Lampinen et al. 2021, batched."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from gymnasium import spaces

from robomem.errors import ConfigError, suggest
from robomem.types import BoolArray, FloatArray, IntArray
from robomem_envs.ballet.dances import DANCES, DIRECTIONS, STEPS, VOCABULARY, tracks
from robomem_envs.ballet.looks import COLOURS, SHAPES
from robomem_envs.ballet.stage import ROOM, VIEW, Stage
from robomem_envs.ballet.symbols import Symbols
from robomem_envs.engine import RowGenerators, Task

__all__ = ["HOMES", "Ballet"]

OBSERVATIONS = ("pixels", "symbolic")
HOMES: IntArray = np.array([(2, 2), (2, 5), (2, 8), (5, 2), (5, 8), (8, 2), (8, 5), (8, 8)])
"""(row, column) of the eight places where a dancer can stand."""
_MIDDLE = (5, 5)
_ZOOM = 4


class Ballet(Task):
    """Dancers of different looks do one solo each, a pause apart; then a dance is named: go to who did it.

    Success is stepping on that dancer, failure stepping on another. Chance: 1 / dances. While the solos last the agent
    cannot move. ``n * (15 + delay)`` steps after the reset the instruction changes from "watch" to the dance's name.

    With equal seeds the episodes are those of DeepMind's environment, step for step and pixel for pixel
    (``tests/envs/ballet``), but for the pixels' type: uint8 0 … 255 here, float32 0 … 1 there.

    Observations: ``instruction`` [1] int64, a word of ``VOCABULARY`` (0: watch); and either ``pixels`` [99, 99, 3]
    uint8, the room around the agent, or the same as symbols: ``agent``, ``view``, ``solo`` and ``looks`` (see
    ``Symbols``).

    Actions: 0 … 7 = N, NE, E, SE, S, SW, W, NW.

    Args:
        dances: n, how many dancers, 1 to 8.
        delay: steps between two solos, and between the last one and the instruction; at least 1. Published: 16, 48.
        observation: ``pixels`` or ``symbolic``.
        max_steps: of an episode. None: 320 for delay 16, else 1,024, as published, or what a longer watch needs.
    """

    frames_per_second: ClassVar[int] = 8

    def __init__(
        self, dances: int = 8, delay: int = 16, observation: str = "pixels", max_steps: int | None = None
    ) -> None:
        if not 1 <= dances <= len(HOMES):
            raise ConfigError(f"dances must be 1 to {len(HOMES)}, not {dances}.")
        if delay < 1:
            raise ConfigError(f"delay must be at least 1, not {delay}.")
        if observation not in OBSERVATIONS:
            raise ConfigError(f"observation {observation!r} does not exist. {suggest(observation, OBSERVATIONS)}")
        self.dances, self.delay, self.observation = dances, delay, observation
        self.chance = 1.0 / dances
        self._period = STEPS - 1 + delay
        self.go_at = dances * self._period
        self.max_steps = max_steps or (320 if delay == 16 else max(1024, self.go_at + 72))
        if self.max_steps <= self.go_at:
            raise ConfigError(f"max_steps is {self.max_steps}; watching alone takes {self.go_at}.")
        self._tracks: IntArray = tracks(self._period)
        parts: dict[str, spaces.Space[Any]] = {"instruction": spaces.MultiDiscrete([len(VOCABULARY)])}
        if observation == "pixels":
            parts["pixels"] = spaces.Box(0, 255, (VIEW, VIEW, 3), np.uint8)
        else:
            parts |= Symbols.spaces(len(HOMES))
        self.observation_space = spaces.Dict(parts)
        self.action_space = spaces.Discrete(len(DIRECTIONS))

    def allocate(self, batch: int, threads: int) -> None:
        super().allocate(batch, threads)
        n = (np.int64, self.dances)
        self.episode.allot(home=n, dance=n, shape=n, colour=n)  # in the order of their solos
        self.episode.allot(target=(np.int64,), agent=(np.int64, 2), touched=(np.int64,))
        self._rows: IntArray = np.arange(batch)
        self._stage = Stage(batch) if self.observation == "pixels" else None
        self._symbols = Symbols(batch, HOMES)

    def reset(self, rows: IntArray, rng: RowGenerators) -> None:
        episode, n = self.episode, self.dances
        cast = rng.draw(self._cast)
        episode.target[rows] = cast[:, 0]
        for part, name in enumerate(("home", "dance", "colour", "shape")):
            getattr(episode, name)[rows] = cast[:, 1 + part * n : 1 + (part + 1) * n]
        episode.agent[rows] = _MIDDLE
        episode.touched[rows] = -1
        self._dress(rows)

    def act(self, action: npt.NDArray[Any]) -> None:
        episode = self.episode
        moving = self.clock > self.go_at
        aim = episode.agent + DIRECTIONS[action]
        free = moving & ((aim > 0) & (aim < ROOM - 1)).all(axis=1)
        episode.agent = np.where(free[:, None], aim, episode.agent)
        touching = (HOMES[episode.home] == episode.agent[:, None]).all(axis=2) & moving[:, None]
        episode.touched = np.where(touching.any(axis=1), touching.argmax(axis=1), -1)

    def observe(self) -> dict[str, npt.NDArray[Any]]:
        return self.observe_rows(self._rows)

    def observe_rows(self, rows: IntArray) -> dict[str, npt.NDArray[Any]]:
        clock = self.clock[rows]
        word = np.where(clock < self.go_at, 0, 1 + self.episode.dance[rows, self.episode.target[rows]])
        seen = self._look(rows) if self._stage is None else {"pixels": self._picture(rows, self._stage)}
        return {"instruction": word[:, None], **seen}

    def reward(self) -> dict[str, FloatArray]:
        return {"choice": self.success().astype(np.float64)}

    def success(self) -> BoolArray:
        right: BoolArray = self.episode.touched == self.episode.target
        return right

    def failure(self) -> BoolArray:
        return (self.episode.touched >= 0) & ~self.success()

    def expert(self) -> npt.NDArray[Any]:
        """Return the move that comes nearest the target without stepping on another dancer, [B]."""
        episode = self.episode
        homes = HOMES[episode.home]
        target = homes[self._rows, episode.target]
        aim = episode.agent[:, None] + DIRECTIONS
        others = (aim[:, :, None] == homes[:, None]).all(axis=3)
        others[self._rows, :, episode.target] = False
        blocked = others.any(axis=2) | ((aim <= 0) | (aim >= ROOM - 1)).any(axis=2)
        away = np.abs(aim - target[:, None])
        nearest = np.where(blocked, np.inf, 100 * away.max(axis=2) + away.sum(axis=2)).argmin(axis=1)
        return np.where(self.clock >= self.go_at, nearest, 0)

    def render(self, row: int) -> npt.NDArray[np.uint8]:
        rows, stage = np.array([row]), Stage(1)
        stage.paint(np.zeros(1, np.int64), *self._costumes(rows))
        picture = self._picture(rows, stage, np.zeros(1, np.int64))[0]
        return np.repeat(np.repeat(picture, _ZOOM, axis=0), _ZOOM, axis=1)

    def load_state_dict(self, state: dict[str, npt.NDArray[Any]]) -> None:
        super().load_state_dict(state)
        self._dress(self._rows)

    def _cast(self, generator: np.random.Generator) -> IntArray:
        """Draw who dances what, where and in which looks: [1 + 4n], in the order of the reference's draws."""
        target, orders = generator.integers(self.dances), []
        for size in (len(HOMES), len(DANCES), len(COLOURS), len(SHAPES)):
            order = np.arange(size)
            generator.shuffle(order)
            orders.append(order[: self.dances])
        return np.concatenate([[target], *orders])

    def _costumes(self, rows: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        episode = self.episode
        return HOMES[episode.home[rows]], episode.shape[rows], episode.colour[rows]

    def _dress(self, rows: IntArray) -> None:
        if self._stage is not None:
            self._stage.paint(rows, *self._costumes(rows))
        else:
            self._symbols.dress(rows, self.episode.home[rows], self.episode.shape[rows], self.episode.colour[rows])

    def _soloist(self, rows: IntArray) -> tuple[IntArray, IntArray]:
        """Return whose turn it is in ``rows`` [R] and how far off home they are [R, 2]; the last's after the watch."""
        clock = self.clock[rows]
        turn = np.minimum(clock // self._period, self.dances - 1)
        offset = self._tracks[self.episode.dance[rows, turn], clock % self._period]
        return turn, np.where((clock < self.go_at)[:, None], offset, 0)

    def _look(self, rows: IntArray) -> dict[str, npt.NDArray[Any]]:
        turn, offset = self._soloist(rows)
        return self._symbols.see(rows, self.episode.agent[rows], self.episode.home[rows, turn], offset)

    def _picture(self, rows: IntArray, stage: Stage, at: IntArray | None = None) -> npt.NDArray[np.uint8]:
        episode = self.episode
        seen = stage.view(rows if at is None else at, episode.agent[rows], episode.touched[rows] >= 0)
        turn, offset = self._soloist(rows)
        away = np.flatnonzero(offset.any(axis=1))
        who = rows[away], turn[away]
        home = HOMES[episode.home[who]]
        stage.move(seen, away, home, home + offset[away], episode.shape[who], episode.colour[who])
        return seen
