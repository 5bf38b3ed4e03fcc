"""What a kind of thing is."""

from __future__ import annotations

from dataclasses import dataclass, field

from robomem_assets.household.parts import Part, extent

__all__ = ["Category"]


@dataclass(frozen=True)
class Category:
    """A kind of thing that can be carried.

    Attributes:
        name: e.g. ``mug``; underscores for spaces.
        kind: food, dish, cutlery, tool, toy, book, clothing, bathroom or living.
        parts: what it is made of, foot at z = 0.
        colours: in words; the first is the usual one.
        material, shape, size: in words.
        mass: kg.
        places: categories of fixture where one expects it, the likeliest first.
        slices: what is shown once it is sliced; empty where a knife is no use.
        slippery: chance that the hand closes in vain.
    """

    name: str
    kind: str
    parts: tuple[Part, ...]
    colours: tuple[str, ...]
    material: str
    shape: str
    size: str
    mass: float
    places: tuple[str, ...]
    slices: tuple[Part, ...] = ()
    slippery: float = 0.0
    half: tuple[float, float, float] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "half", extent(self.parts))

    @property
    def radius(self) -> float:
        """Of the circle around its foot, metres."""
        x, y, _ = self.half
        corner = 1.0 if self.shape in ("round", "cylindrical") else 1.15
        return max(x, y) * corner

    @property
    def height(self) -> float:
        """Metres."""
        return self.half[2]
