"""Sentences around a wish: what a person says before coming to the point."""

from __future__ import annotations

import numpy as np

from robomem_envs.household.generation.vocabulary import class_of
from robomem_envs.household.generation.wish import Wish

__all__ = ["framed"]

_REASONS: dict[str, tuple[str, ...]] = {
    "fruit": ("I am trying to snack on fewer sweets.", "The children come home from school hungry at four."),
    "vegetable": ("I am going to cook a big dinner tonight.", "We have decided to eat more greens."),
    "food": ("I have not had any breakfast yet.", "We are having a late lunch today."),
    "drink": ("It is terribly warm outside.", "Some friends are dropping by in the evening."),
    "dish": ("The guests will be here any minute.", "I have just come in from the garden and need a break."),
    "cookware": ("I have been cooking all morning.", "The kitchen has to be in order before I start to cook."),
    "cutlery": ("My parents are coming for dinner.", "Somebody left the kitchen in quite a mess."),
    "tool": ("I have finally finished fixing the chair.", "I mean to repair the door handle this afternoon."),
    "toy": ("The children are asleep at last.", "My nephew is visiting and gets bored quickly."),
    "reading": ("I have an hour to myself this evening.", "I am studying for an exam."),
    "personal": ("I have to leave for the office soon.", "I never know where I have put my things."),
    "cleaning": ("It is time for the big clean-up.", "Somebody spilled something on the floor."),
    "electronics": ("I am forever looking for my gadgets.", "We want to have a quiet evening at home."),
    "decoration": ("I would like the place to look a little nicer.", "We are taking pictures of the apartment today."),
    "clothes": ("I am packing for a trip.", "Laundry day is tomorrow."),
    "bathroom": ("The bathroom is not as tidy as I would like.", "My sister is staying over the weekend."),
    "other": ("The place has to be in order by tonight.", "I am expecting visitors later."),
}
_COFFEE = ("I slept badly and can hardly keep my eyes open.", "I have a long meeting ahead of me.")
_REQUESTS = (
    "Could you please {words}?",
    "It would be a great help if you could {words}.",
    "When you have a moment, {words}, please.",
    "I have my hands full, so please {words}.",
    "Would you mind helping me? What I need is this: {words}.",
    "I was going to do it myself, but I am late already: {words}.",
    "Before you do anything else, {words}.",
)
_ASIDES = (
    "",
    "",
    "Do not worry about the rest of the apartment.",
    "Take your time, there is no hurry.",
    "Everything else can wait until tomorrow.",
    "Thank you so much!",
)


def framed(wish: Wish, rng: np.random.Generator) -> str:
    """Return the wish with a reason before it and perhaps an aside after it."""
    reasons = _COFFEE if wish.topic == "coffee" else _REASONS[class_of(wish.topic)]
    requests = ("{sentence}.",) if wish.whole else _REQUESTS
    sentence = f"{wish.words[0].upper()}{wish.words[1:]}"
    reason, request, aside = (options[int(rng.integers(len(options)))] for options in (reasons, requests, _ASIDES))
    return " ".join(part for part in (reason, request.format(words=wish.words, sentence=sentence), aside) if part)
