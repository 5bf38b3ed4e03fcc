"""Every command can be said in many ways, and none of them says another thing."""

from __future__ import annotations

import numpy as np
import pytest

from robomem.motion.mirror import mirrored_text
from robomem_envs.motion.choices import drawn
from robomem_envs.motion.command import Command
from robomem_envs.motion.humanoid.choices import CHOICES
from robomem_envs.motion.humanoid.verbs import VERBS
from robomem_envs.motion.words.grammar import paragraphs, sentences


@pytest.mark.parametrize("verb", sorted(CHOICES))
def test_each_verb_has_twenty_surface_forms(verb: str) -> None:
    rng, forms = np.random.default_rng(0), set()
    for _ in range(200):
        command = drawn({verb: CHOICES[verb]}, rng)
        forms.update(sentences(command, rng, 2))
    assert len(forms) >= 20
    assert not any("  " in form or "{" in form or "none" in form or form.endswith(",") for form in forms)


def test_every_verb_can_be_drawn_and_done() -> None:
    assert set(CHOICES) == set(VERBS)


def test_the_side_that_is_said_is_the_side() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        command = drawn(CHOICES, rng)
        for text in sentences(command, rng, 3):
            said = {word for word in ("left", "right") if word in text}
            assert said == {command.side, command.direction} & {"left", "right"}
            assert (mirrored_text(text) == text) == (not said)


def test_an_arm_has_no_hands() -> None:
    rng = np.random.default_rng(2)
    texts = {text for _ in range(60) for text in sentences(Command("reach", direction="left", height="low"), rng, 2)}
    assert not any(word in text for text in texts for word in ("hand", "hip", "waist", "shoulder", "none"))


def test_orders_kept_for_testing_are_not_trained_on() -> None:
    command, rng = Command("reach", "left", "up", speed="slow", repetition=2), np.random.default_rng(3)
    trained = {text for _ in range(400) for text in sentences(command, rng, 4)}
    kept = {sentences(command, rng, 4, unseen=True)[0] for _ in range(50)}
    assert len(kept) > 10
    assert not kept & trained


def test_sequences_are_said_in_order() -> None:
    told = [["wave", "wave hello"], ["bow", "take a bow"], ["squat", "do a squat"]]
    texts = paragraphs(told, np.random.default_rng(0), 4)
    assert texts[0] == "wave; bow; squat"
    assert len(set(texts)) == len(texts) > 1
    assert all(text.index("wave") < text.index("bow") < text.index("squat") for text in texts)
