"""Sentences around a wish: what a person says before coming to the point, and second thoughts."""

from __future__ import annotations

from typing import Final

from robomem_envs.manipulate.generation.speaker import Speaker
from robomem_envs.manipulate.generation.wish import Wish

__all__ = ["framed"]

_REASONS: Final = {
    "blocks": (
        "The children have been playing here all afternoon, and nothing is where it should be.",
        "I am packing these toys for my niece's birthday.",
        "We are getting the table ready for the next class.",
    ),
    "stacks": (
        "My son wants to see how high a tower can get.",
        "I am taking a photograph for the catalogue of our toy shop.",
        "We need some room on this table before lunch.",
    ),
    "sorter": (
        "My little daughter has been struggling with this toy all morning.",
        "We are showing the visitors what the arm can do.",
        "Every piece has to be back in the toy before we close.",
    ),
    "areas": (
        "Somebody had coffee here and did not clean up.",
        "The inspector comes at three, and the table looks awful.",
        "The cleaner has left, and of course something was spilt right after.",
    ),
}
_REQUESTS: Final = (
    "Could you please {words}?",
    "It would be a great help if you could {words}.",
    "When you have a moment, {words}, please.",
    "I have my hands full, so please {words}.",
    "What I need is this: {words}.",
)
_SECOND_THOUGHTS: Final = (
    "I was going to say: {other}. But no, {words} instead.",
    "This morning I told you to {other}. Forget that and {words}.",
)
_ASIDES: Final = (
    "",
    "",
    "Leave everything else where it is.",
    "Take your time, there is no hurry.",
    "Thank you so much!",
)


def framed(wish: Wish, world: str, speaker: Speaker) -> str:
    """Return the wish with a reason before it or after second thoughts, and perhaps an aside after it."""
    twist = bool(wish.other) and speaker.rng.random() < 0.5
    request = speaker.pick(_SECOND_THOUGHTS if twist else _REQUESTS).format(words=wish.words, other=wish.other)
    reason = speaker.pick(_REASONS[world])
    return " ".join(part for part in (reason, request, speaker.pick(_ASIDES)) if part)
