"""Words for one thing on a table, such that they fit nothing else on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from robomem_envs.manipulate.generation.vocabulary import ALIKE, COLOUR_OF, LOOKS, NOUNS, USES, brightness
from robomem_envs.manipulate.layout import Layout, Thing

__all__ = ["Speaker"]

_CLEAR_M = 0.04
"""How much further left the leftmost must be, and so on, before people agree."""
_CLEAR_BRIGHTNESS = 0.15

T = TypeVar("T")


class Speaker:
    """Someone across the table from the robot: left and right, front and back are as the front camera sees them.

    Args:
        layout: what is spoken of.
        rng: by which words are drawn.

    Attributes:
        marks: names of things that others were spoken of by: "closest to the red cube".
        special: whether anything was spoken of otherwise than plainly.
    """

    def __init__(self, layout: Layout, rng: np.random.Generator) -> None:
        self.layout = [thing for thing in layout if thing.shape in NOUNS]
        self.rng = rng
        self.marks: set[str] = set()
        self.special = False

    def pick(self, options: Iterable[T]) -> T:
        """Return one of them."""
        listed = list(options)
        return listed[int(self.rng.integers(len(listed)))]

    def noun(self, thing: Thing) -> str:
        """Return a noun for it."""
        return self.pick(NOUNS[thing.shape])

    def plainly(self, thing: Thing) -> str | None:
        """Return colour and noun."""
        return f"the {thing.colour} {self.noun(thing)}"

    def by_use(self, thing: Thing) -> str | None:
        """Return words that need common sense: the colour of a lemon, shaped like a die."""
        ways: list[str] = []
        kin = self._kin(thing)
        alike = [other for other in kin if other.colour in ALIKE[thing.colour]]
        if thing.colour in COLOUR_OF and not alike:
            ways.append(f"the {self.noun(thing)} that has the colour of {self.pick(COLOUR_OF[thing.colour])}")
        if thing.shape in USES:
            about = self.pick(USES[thing.shape])
            ways.append(f"the {thing.colour} object {about}")
            if not kin:
                ways += [f"the object {about}"] * 2
            every = [other for other in self._movable() if other is not thing]
            if thing.colour in COLOUR_OF and not any(other.colour in ALIKE[thing.colour] for other in every):
                ways.append(f"the object that has the colour of {self.pick(COLOUR_OF[thing.colour])}")
        return self.pick(ways) if ways else None

    def by_looks(self, thing: Thing) -> str | None:
        """Return words for what one sees: with five points, the darkest."""
        ways: list[str] = []
        kin = self._kin(thing)
        if thing.shape in LOOKS:
            seen = self.pick(LOOKS[thing.shape])
            ways.append(f"the {thing.colour} object {seen}")
            if not kin:
                ways += [f"the object {seen}"] * 2
        if kin:
            two = len(kin) == 1
            for sign, more, most in ((1, "brighter", "brightest"), (-1, "darker", "darkest")):
                least = min(sign * (brightness(thing.colour) - brightness(other.colour)) for other in kin)
                if least > _CLEAR_BRIGHTNESS:
                    noun = self.noun(thing)
                    ways += [f"the {more} of the two {_plural(noun)}" if two else f"the {most} {noun}"] * 2
        return self.pick(ways) if ways else None

    def by_place(self, thing: Thing) -> str | None:
        """Return words for where it is among its kind."""
        kin = self._kin(thing)
        ways = [(words, "") for words in self._extreme(thing, kin)]
        ways += [*self._beside(thing, kin), *self._nearest(thing, kin)]
        if not ways:
            return None
        words, mark = self.pick(ways)
        self.marks |= {mark} - {""}
        return words

    def _kin(self, thing: Thing) -> list[Thing]:
        return [other for other in self.layout if other.shape == thing.shape and other is not thing]

    def _movable(self) -> list[Thing]:
        return [thing for thing in self.layout if thing.movable]

    def _extreme(self, thing: Thing, kin: Sequence[Thing]) -> list[str]:
        if not kin or (thing.shape == "area" and any(other.yaw != thing.yaw for other in kin)):
            return []
        noun, ways = self.noun(thing), []
        for words, axis, sign in (
            ("the leftmost {}", 1, -1),
            ("the rightmost {}", 1, 1),
            ("the {} closest to the robot", 0, -1),
            ("the {} farthest from the robot", 0, 1),
        ):
            ahead = min(sign * (thing.point[axis] - other.point[axis]) for other in kin)
            if axis == 0:
                by_distance = min(sign * (math.hypot(*thing.point) - math.hypot(*other.point)) for other in kin)
                ahead = min(ahead, by_distance)
            if ahead > _CLEAR_M:
                ways.append(words.format(noun))
        return ways

    def _beside(self, thing: Thing, kin: Sequence[Thing]) -> list[tuple[str, str]]:
        """Return words such as "the star to the left of the red cube", where no other star is, or might be."""
        ways: list[tuple[str, str]] = []
        for mark in self.layout:
            if mark is thing or mark.shape in (thing.shape, "area"):
                continue
            for words, axis, sign in (
                ("to the left of", 1, -1),
                ("to the right of", 1, 1),
                ("behind", 0, -1),
                ("in front of", 0, 1),
            ):
                ahead: Callable[[Thing], float] = lambda one, m=mark, a=axis, s=sign: s * (one.point[a] - m.point[a])  # type: ignore[misc]  # noqa: E731
                if kin and ahead(thing) > _CLEAR_M and all(ahead(other) < -_CLEAR_M for other in kin):
                    ways.append((f"the {self.noun(thing)} {words} {self.plainly(mark)}", mark.name))
        return [self.pick(ways)] if ways else []

    def _nearest(self, thing: Thing, kin: Sequence[Thing]) -> list[tuple[str, str]]:
        ways: list[tuple[str, str]] = []
        for mark in self.layout:
            if mark is thing or mark.shape in (thing.shape, "area") or not kin or thing.shape == "area":
                continue
            here = math.dist(thing.point, mark.point)
            if all(math.dist(other.point, mark.point) > here + _CLEAR_M for other in kin):
                ways.append((f"the {self.noun(thing)} closest to {self.plainly(mark)}", mark.name))
        return [self.pick(ways)] if ways else []


def _plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("x") else f"{noun}s"
