"""How hard a world is for a memory. Every number is stated in the results."""

from __future__ import annotations

from dataclasses import dataclass

from robomem.errors import ConfigError, UnknownNameError

__all__ = ["VARIANTS", "Difficulty", "find_variant"]

_RATES = ("missed", "mislabelled", "miscoloured", "visited", "whole", "user_wrong", "stranger_wrong", "in_sentences")


@dataclass(frozen=True)
class Difficulty:
    """Size, bustle and noise of a world.

    Attributes:
        name: of the variant.
        days: that are lived through.
        rounds: of the robot through the apartment, a day.
        things: that there are, twins among them.
        twins: pairs of things with one name.
        twins_alike: the twins of a pair have the same colour too.
        renamed: things that the detector calls otherwise from some day on.
        moves: of things by people, unseen, a day.
        taken_away: things that leave the apartment for good, in all, unseen.
        carried: things that the robot itself carries elsewhere, a day.
        visited: share of the places that a round looks at.
        whole: share of looks that claim to have seen a place whole.
        missed: share of the things in view that are not detected, in looks that claim to be whole as well.
        mislabelled: share of detections with the name and class of something else.
        miscoloured: share of detections of another colour than the thing's, where it has one.
        pose_noise_m: standard deviation of a position along each axis, reported with it as covariance.
        told: times a day that a resident says where something is.
        user_wrong: share of these that are wrong.
        strangers: times a day that somebody of no trust says where something is.
        stranger_wrong: share of these that are wrong.
        in_sentences: share of what is said that comes as a sentence only, and not as a triple.
    """

    name: str = "standard"
    days: int = 6
    rounds: int = 2
    things: int = 20
    twins: int = 2
    twins_alike: bool = False
    renamed: int = 3
    moves: int = 5
    taken_away: int = 3
    carried: int = 1
    visited: float = 0.7
    whole: float = 0.8
    missed: float = 0.08
    mislabelled: float = 0.02
    miscoloured: float = 0.02
    pose_noise_m: float = 0.05
    told: int = 2
    user_wrong: float = 0.1
    strangers: int = 1
    stranger_wrong: float = 0.7
    in_sentences: float = 0.5

    def __post_init__(self) -> None:
        for rate in _RATES:
            if not 0 <= getattr(self, rate) <= 1:
                raise ConfigError(f"{rate} is {getattr(self, rate)}: it is a share, within 0 and 1.")
        if self.days < 2 or self.things < 2 * self.twins + self.renamed or self.pose_noise_m < 0:
            raise ConfigError("A world lasts two days at least and has room for its twins and renamed things.")


VARIANTS = {
    "standard": Difficulty(),
    "long": Difficulty("long", days=30),
    "hard": Difficulty(
        "hard",
        things=26,
        twins=4,
        twins_alike=True,
        renamed=5,
        moves=9,
        taken_away=5,
        visited=0.5,
        missed=0.2,
        mislabelled=0.08,
        miscoloured=0.08,
        pose_noise_m=0.15,
        user_wrong=0.25,
        strangers=3,
    ),
}


def find_variant(name: str) -> Difficulty:
    """Return a variant by name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in VARIANTS:
        raise UnknownNameError("variant", name, VARIANTS)
    return VARIANTS[name]
