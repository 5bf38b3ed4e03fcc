"""What an instruction asks for, once it is understood."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Errand", "Place", "Request", "Switching", "Wanted"]


@dataclass
class Wanted:
    """A description of things.

    Attributes:
        kinds: categories; None for "a thing".
        words: adjectives, as they were said.
        count: how many.
        place: where they are said to be.
        without: adjectives of the one that is not meant.
    """

    kinds: frozenset[str] | None = None
    words: frozenset[str] = frozenset()
    count: int = 1
    place: Place | None = None
    without: frozenset[str] = frozenset()


@dataclass
class Place:
    """A description of furniture.

    Attributes:
        kinds: categories; None for any.
        words: adjectives.
        room: that it is in; ``""`` if none was said.
        beside: a thing that lies there.
        nearest, farthest: furniture to which it is closest, or from which it is farthest, of its kind.
    """

    kinds: frozenset[str] | None = None
    words: frozenset[str] = frozenset()
    room: str = ""
    beside: Wanted | None = None
    nearest: Place | None = None
    farthest: Place | None = None


@dataclass
class Errand:
    """A thing to be changed, brought somewhere, or held.

    Attributes:
        what: the thing.
        states: that it shall have in the end.
        to: where it shall be in the end.
        hold: whether it shall be in the hand in the end.
        shut: whether its place shall be closed in the end.
    """

    what: Wanted
    states: set[str] = field(default_factory=set)
    to: Place | None = None
    hold: bool = False
    shut: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done with it."""
        return not (self.states or self.to or self.hold)


@dataclass
class Switching:
    """Furniture to be opened, closed, turned on or off."""

    verb: str
    what: Place


@dataclass
class Request:
    """Everything that is asked for, in order.

    Attributes:
        errands, switchings: what is to be done.
        condition: where things may be, with what is to be done if they are there, and if not.
        doubt: what was not understood.
    """

    errands: list[Errand] = field(default_factory=list)
    switchings: list[Switching] = field(default_factory=list)
    condition: tuple[Wanted, Request, Request] | None = None
    doubt: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it that can be done."""
        return not (self.errands or self.switchings or self.condition)
