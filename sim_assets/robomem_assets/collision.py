"""Who may touch whom, as MuJoCo contype/conaffinity bits: the arm touches the scene, never itself; the scene, both."""

from __future__ import annotations

from typing import TypedDict

__all__ = ["ARM", "NOTHING", "SCENE", "Bits"]


class Bits(TypedDict):
    """Keyword arguments for `MjsBody.add_geom`."""

    contype: int
    conaffinity: int


ARM = Bits(contype=2, conaffinity=0)
SCENE = Bits(contype=1, conaffinity=3)
NOTHING = Bits(contype=0, conaffinity=0)
