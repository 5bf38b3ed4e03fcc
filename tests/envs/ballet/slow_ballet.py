"""Ballet once more, one row at a time in plain Python with the timers of the specification: the reference."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

MOVES = {"N": (-1, 0), "S": (1, 0), "E": (0, 1), "W": (0, -1)}
ACTIONS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
SOLOS = """
circle_cw: N E S S W W N N E E S S W W N E | circle_ccw: N W S S E E N N W W S S E E N W
up_and_down: N S S N N S S N N S S N N S S N | left_and_right: E W W E E W W E E W W E E W W E
diagonal_uldr: NW SE SE NW NW SE SE NW NW SE SE NW NW SE SE NW
diagonal_urdl: NE SW SW NE NE SW SW NE NE SW SW NE NE SW SW NE
plus_cw: N S E W S N W E N S E W S N W E | plus_ccw: N S W E S N E W N S W E S N E W
times_cw: NE SW SE NW SW NE NW SE NE SW SE NW SW NE NW SE
times_ccw: NW SE SW NE SE NW NE SW NW SE SW NE SE NW NE SW
zee: NE W W E E SW NE SW SW E E W W NE SW NE
chevron_down: NW S SE NE N SW NE SW NE S SW NW N SE NW SE
chevron_up: SE N NW SW S NE SW NE SW N NE SE S NW SE NW
"""
WORDS = ["watch"] + [part.split(":")[0].strip() for line in SOLOS.strip().splitlines() for part in line.split("|")]
STEPS = {
    part.split(":")[0].strip(): part.split(":")[1].split()
    for line in SOLOS.strip().splitlines()
    for part in line.split("|")
}
PLACES = [(2, 2), (2, 5), (2, 8), (5, 2), (5, 8), (8, 2), (8, 5), (8, 8)]


def walk(cell: tuple[int, int], direction: str) -> tuple[int, int]:
    """One move, letter by letter; walls are at 0 and 10."""
    row = cell[0] + sum(MOVES[letter][0] for letter in direction)
    column = cell[1] + sum(MOVES[letter][1] for letter in direction)
    return (row, column) if 1 <= row <= 9 and 1 <= column <= 9 else cell


@dataclass
class Dancer:
    home: int
    dance: str
    sprite: np.ndarray
    shape: int
    colour: int
    cell: tuple[int, int] = (0, 0)
    left: list[str] = field(default_factory=list)
    dancing: bool = False

    def __post_init__(self) -> None:
        self.cell, self.left = PLACES[self.home], list(STEPS[self.dance])


class SlowBallet:
    """One episode; the cast is given."""

    def __init__(self, cast: list[Dancer], target: int, delay: int, max_steps: int) -> None:
        self.cast, self.target, self.delay, self.max_steps = cast, target, delay, max_steps
        self.agent, self.timer, self.waiting = (5, 5), 1, list(cast)
        self.word, self.steps, self.met = "watch", 0, None
        self._update(None)

    def step(self, action: int) -> tuple[float, bool, bool]:
        self.steps += 1
        self._update(ACTIONS[action])
        terminated = self.met is not None
        reward = float(self.met is self.cast[self.target])
        return reward, terminated, self.steps >= self.max_steps and not terminated

    def _update(self, direction: str | None) -> None:
        choosing = self.word != "watch"
        if choosing:
            self.agent = walk(self.agent, direction)
        elif self.timer > 0:
            self.timer -= 1
            if self.timer == 0:
                if self.waiting:
                    self.waiting.pop(0).dancing = True
                else:
                    self.word = self.cast[self.target].dance
        for dancer in self.cast:
            if self.word == "watch" and dancer.dancing:
                dancer.cell = walk(dancer.cell, dancer.left.pop(0))
                if not dancer.left:
                    dancer.dancing, self.timer = False, self.delay
            elif dancer.cell == self.agent:
                self.met = dancer

    def picture(self) -> np.ndarray:
        image = np.zeros((99, 99, 3), np.uint8)
        for i in range(11):
            for j in range(11):
                cell = (self.agent[0] + i - 5, self.agent[1] + j - 5)
                patch = image[9 * i : 9 * i + 9, 9 * j : 9 * j + 9]
                if all(0 <= part <= 10 for part in cell) and any(part in (0, 10) for part in cell):
                    patch[:] = 40
                if cell == self.agent:
                    patch[:] = 255
                for dancer in self.cast:
                    if dancer.cell == cell:
                        patch[:] = dancer.sprite
        return image

    def symbols(self) -> dict[str, list[float]]:
        view = []
        for i in range(-5, 6):
            for j in range(-5, 6):
                cell = (self.agent[0] + i, self.agent[1] + j)
                wall = all(0 <= part <= 10 for part in cell) and any(part in (0, 10) for part in cell)
                view.append(1 if any(dancer.cell == cell for dancer in self.cast) else -1 if wall else 0)
        solo, looks = [0, 0], [0] * 16
        for dancer in self.cast:
            for number, direction in enumerate(ACTIONS, start=1):
                if dancer.cell == walk(PLACES[dancer.home], direction):
                    solo = [number, 1 + dancer.home]
            looks[dancer.home], looks[8 + dancer.home] = dancer.shape, dancer.colour
        return {
            "agent": [(self.agent[0] - 5) / 4, (self.agent[1] - 5) / 4],
            "view": view,
            "solo": solo,
            "looks": looks,
        }
