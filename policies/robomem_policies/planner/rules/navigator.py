"""How ``rules`` finds its way: by what its camera has seen, and a map of its own strides."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from robomem.embodied import Executed, Situation
from robomem_policies.planner.rules.beliefs import Beliefs
from robomem_policies.planner.rules.choice import fitting_places, fitting_things
from robomem_policies.planner.rules.grammar import understand
from robomem_policies.planner.rules.lattice import DIRECTIONS, Cell, Lattice
from robomem_policies.planner.rules.skillbook import SkillBook
from robomem_policies.planner.rules.tokens import Lexer

__all__ = ["Navigator", "can_navigate"]

_STRIDE_M, _FELT_M = 0.25, 1.5
_CLOSE_M = 0.95
_AT_ONCE = 3
"""Strides before it looks again."""
_APART = 4
"""Strides between two places to look around from."""
_WORDS = ("move forward", "move to the left", "move backward", "move to the right")
"""By quarter turns to the left."""
_TURN = "rotate to the left"
_GO = re.compile(
    r"(?:go and stand by|go to|navigate to|drive over to|drive up to|move close to|get as close as you can to) (.+?)"
    r"(?: and stop there)?(?:, please)?[.?!](?: |$)"
)


def can_navigate(skills: Sequence[str]) -> bool:
    """Return whether the actions are strides and turns."""
    return all(any(skill.startswith(word) for skill in skills) for word in (*_WORDS, _TURN))


class Navigator:
    """Knows where it is by its own strides, what it has seen, and where it has looked around."""

    def __init__(self, situation: Situation) -> None:
        self._ids = {word: _id(situation.skills, word) for word in (*_WORDS, _TURN)}
        self._beliefs = Beliefs(SkillBook())
        self._lattice = Lattice()
        self._heard = 0
        self._views: dict[Cell, set[int]] = {}
        found = _GO.search(situation.instruction.lower())
        self._target = found[1] if found else situation.instruction.lower()
        self._tight = _CLOSE_M

    def next(self, situation: Situation) -> tuple[list[int], str]:
        """Return ids of the next few moves, and why.

        Raises:
            ValueError, KeyError, TypeError: the scene is not what it should be.
        """
        self._listen(situation.history)
        self._see(json.loads(str(situation.observation["scene"])))
        goal = self._nearest(self._fitting())
        if goal is not None:
            if self._away(self._lattice.at, goal) <= self._tight:
                self._tight = self._away(self._lattice.at, goal) - 0.1  # it is not done yet: through a wall, perhaps
            way = self._lattice.way(lambda cell: self._away(cell, goal) <= self._tight)
            if way:
                return [self._ids[_WORDS[quarter]] for quarter in way[:_AT_ONCE]], f"towards {self._target}"
        if len(self._views[self._lattice.at]) < 4:
            return [self._ids[_TURN]], f"looking around for {self._target}"
        way = self._lattice.way(self._is_new, known=True) or self._lattice.way(self._is_new)
        return [self._ids[_WORDS[quarter]] for quarter in (way or [])[:_APART]], f"elsewhere to look for {self._target}"

    def _listen(self, history: Sequence[Executed]) -> None:
        """Follow one's own moves; one that did not work shows a closed way."""
        lattice = self._lattice
        for done in history[self._heard :]:
            word = next((word for word, number in self._ids.items() if number == done.action.id), "")
            if word in _WORDS:
                there = lattice.ahead(_WORDS.index(word))
                if done.success:
                    lattice.at = there
                    lattice.free.add(there)
                else:
                    lattice.close(lattice.at, there)
            elif word == _TURN and done.success:
                lattice.facing = (lattice.facing + 1) % 4
        self._heard = len(history)

    def _see(self, scene: Mapping[str, Any]) -> None:
        lattice = self._lattice
        for quarter, word in enumerate(("forward", "left", "backward", "right")):
            strides = round(float(scene["clear"][word]) / _STRIDE_M)
            lattice.feel(quarter, strides, round(_FELT_M / _STRIDE_M))
        self._views.setdefault(lattice.at, set()).add(lattice.facing)
        book = self._beliefs.book
        for kind, names in (("objects", book.things), ("fixtures", book.fixtures)):
            names += [name for one in scene[kind] if (name := str(one["name"]).lower()) not in names]
        placed = {
            kind: [{**one, "position": self._position(one), "states": ()} for one in scene[kind]]
            for kind in ("objects", "fixtures")
        }
        self._beliefs.see(json.dumps({**scene, **placed}))
        for one in placed["objects"]:
            self._beliefs.positions[str(one["name"]).lower()] = one["position"]

    def _position(self, one: Mapping[str, Any]) -> tuple[float, float]:
        """Return where something is, metres from the start, along and to the left of how the robot faced then."""
        (fx, fy), (lx, ly) = (DIRECTIONS[(self._lattice.facing + quarter) % 4] for quarter in (0, 1))
        x, y = (_STRIDE_M * part for part in self._lattice.at)
        ahead, left = float(one["ahead"]), float(one["left"])
        return x + fx * ahead + lx * left, y + fy * ahead + ly * left

    def _fitting(self) -> list[str]:
        """Return what has been seen and is meant by the instruction: things, or furniture."""
        lexer = Lexer(self._beliefs.book)
        things = understand(f"hold {self._target}.", lexer).errands
        if things:
            return fitting_things(things[0].what, self._beliefs)
        places = understand(f"open {self._target}.", lexer).switchings
        known = [name for name in self._beliefs.positions if name not in self._beliefs.things]
        return [name for name in fitting_places(places[0].what, self._beliefs)[0] if name in known] if places else []

    def _nearest(self, names: Sequence[str]) -> tuple[float, ...] | None:
        places = [self._beliefs.positions[name] for name in names]
        return min(places, key=lambda place: self._away(self._lattice.at, place), default=None)

    def _away(self, cell: Cell, place: Sequence[float]) -> float:
        return math.hypot(_STRIDE_M * cell[0] - place[0], _STRIDE_M * cell[1] - place[1])

    def _is_new(self, cell: Cell) -> bool:
        """Whether one has not looked around from about here."""
        return all(max(abs(cell[0] - x), abs(cell[1] - y)) >= _APART for x, y in self._views)


def _id(skills: Sequence[str], word: str) -> int:
    return next(number for number, skill in enumerate(skills) if skill.startswith(word))
