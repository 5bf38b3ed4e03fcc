"""Vectors of instructions: known ones need no text encoder, others say so; a saved encoder acts as before."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import CheckpointError, ConfigError, DataError
from robomem.text import HashEncoder, SentenceEncoder
from robomem_policies.memory_vla.encoders import instructions, make
from robomem_policies.memory_vla.encoders.instructions import LONGEST, Instructions
from tests.policies.memory_vla.encoders.small_inputs import PROPRIO, TEXTS, VIEWS, frames


class _Counting:
    name, dimensions = "hash:256", 256

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Any) -> Any:
        self.asked += texts
        return HashEncoder("256").encode(texts)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> _Counting:
    encoder = _Counting()
    monkeypatch.setattr(instructions, "_encoder", lambda name: encoder)
    return encoder


def _missing(name: str) -> Any:
    raise ConfigError("The encoder minilm comes with a package.")


def test_each_distinct_instruction_is_encoded_once(counting: _Counting) -> None:
    table = Instructions("hash", 256)
    table.learn(TEXTS)
    assert counting.asked == list(dict.fromkeys(TEXTS))
    table.learn(TEXTS)
    table(TEXTS * 5)
    assert counting.asked == list(dict.fromkeys(TEXTS))
    table([*TEXTS, "wave", "wave"])
    assert counting.asked[2:] == ["wave"]
    assert table.texts == list(dict.fromkeys(TEXTS))


@settings(deadline=None, max_examples=20)
@given(known=st.lists(st.sampled_from("abcdef")), asked=st.lists(st.sampled_from("abcdefgh"), min_size=1))
def test_vectors_stand_in_the_order_of_the_texts(known: list[str], asked: list[str]) -> None:
    table = Instructions("hash", 256)
    table.learn(known)
    expected = torch.from_numpy(HashEncoder("256").encode(asked))
    torch.testing.assert_close(table(asked), expected)


def test_a_saved_encoder_acts_without_a_text_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    encoder = make("small", VIEWS, PROPRIO, text="hash", width=32, heads=2)
    encoder.learn(TEXTS)
    config = json.loads(json.dumps(encoder.config()))
    arrays = {name: value.numpy().copy() for name, value in encoder.saved().items()}
    expected = encoder(*frames())

    monkeypatch.setattr(instructions, "_encoder", _missing)
    again = make("small", VIEWS, PROPRIO, **config)
    with pytest.raises(ConfigError, match="not loaded yet"):
        again(*frames())
    again.restore({name: torch.from_numpy(value) for name, value in arrays.items()})
    for before, after in zip(expected, again(*frames())):
        assert torch.equal(before, after)

    images, proprio, texts = frames()
    with pytest.raises(ConfigError, match=r"Did you mean 'open the drawer'.*put the red cube back.*package"):
        again(images, proprio, [*texts[:-1], "open the drawers"])
    with pytest.raises(ConfigError, match="needs the text encoder"):
        again.learn(["something new"])
    assert again.config() == config


def test_weights_of_another_encoder_change_nothing() -> None:
    encoder = make("small", VIEWS, PROPRIO, text="hash", width=32, heads=2, texts=TEXTS[:1])
    before = {name: value.clone() for name, value in encoder.saved().items()}
    good = {name: torch.zeros_like(value) for name, value in before.items()}
    name = "norm.weight"
    for bad, said in (
        ({k: v for k, v in good.items() if k != name}, "lack 'norm.weight'"),
        ({**good, "extra": torch.zeros(1)}, "hold 'extra'"),
        ({**good, name: torch.zeros(3)}, r"\(3,\) instead of \(32,\)"),
        ({**good, name: torch.full((32,), torch.nan)}, "damaged"),
    ):
        with pytest.raises(CheckpointError, match=said):
            encoder.restore(bad)
        for key, value in encoder.saved().items():
            np.testing.assert_array_equal(value.numpy(), before[key].numpy())


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST + 1), "a\ud800b", "a\0b", 7, None, b"wave"])
def test_what_is_no_instruction(text: Any) -> None:
    table = Instructions("hash", 256)
    with pytest.raises(DataError, match="instruction"):
        table(["wave", text])
    with pytest.raises(DataError, match="instruction"):
        table.learn(["wave", text])
    assert table.texts == []


@pytest.mark.parametrize("text", ["x" * LONGEST, "nimm den Würfel", "拿起红色方块", "🤖 wave", "drop\ttable; --"])
def test_unusual_instructions_have_vectors(text: str) -> None:
    assert Instructions("hash", 256)([text]).norm() == pytest.approx(1.0)


def test_a_text_encoder_of_another_width_is_refused() -> None:
    with pytest.raises(ConfigError, match="gives 64 numbers, not 256"):
        Instructions("hash:64", 256)(["wave"])


def test_instructions_carry_no_gradient_and_follow_the_module() -> None:
    table = Instructions("hash", 256)
    table.learn(["wave"])
    assert not table(["wave", "nod"]).requires_grad
    assert list(table.parameters()) == []
    assert table.double()(["wave", "nod"]).dtype == torch.float64


def test_the_shipped_sentence_encoder_knows_meanings() -> None:
    table = Instructions("minilm", 384)
    assert isinstance(instructions._encoder("minilm")._encoder, SentenceEncoder)
    pick, lift, drawer = table(["pick up the red block", "lift the red cube", "close the drawer"])
    assert pick @ lift > pick @ drawer + 0.2
