"""Facts in plain sentences, and what tells none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem.lifelong.records import Triple
from robomem.lifelong.spatial.sentences import SentenceRetriever


def read(text: str, **settings: bool) -> list[str]:
    found = SentenceRetriever(**settings).triples(text)
    return [f"{one.subject} | {one.relation} | {one.object or f'={one.value}'}" for one in found]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("I put the red mug on the counter.", ["red mug | on | counter"]),
        ("I picked up the mug and then I placed it in the sink", ["mug | held by | I", "mug | in | sink"]),
        ("The keys are in the left drawer", ["keys | in | left drawer"]),
        (
            "The keys are in the left drawer of the cabinet in the kitchen.",
            ["keys | in | left drawer", "left drawer | part of | cabinet", "cabinet | in | kitchen"],
        ),
        ("I hold the apple", ["apple | held by | I"]),
        ("The plate is clean.", ["plate | cleanliness | =clean"]),
        ("I opened the fridge. It is empty.", ["fridge | openness | =open", "fridge | fullness | =empty"]),
        ("I turned on the lamp", ["lamp | power | =on"]),
        ("There is a cup on the table", ["cup | on | table"]),
        ("The basket contains two eggs", ["basket | contains | two eggs"]),
        ("I like green tea", ["I | likes | =green tea"]),
        ("Anna's favourite drink is orange juice.", ["Anna | favourite drink | =orange juice"]),
        ("My favorite colour is now green", ["I | favourite colour | =green"]),
        ("The lamp is next to the sofa", ["lamp | next to | sofa"]),
        ("I took the milk from the fridge", ["milk | held by | I"]),
    ],
)
def test_sentences_tell_facts(text: str, facts: list[str]) -> None:
    assert read(text) == facts


@pytest.mark.parametrize(
    "text",
    [
        "Is the mug on the table?",
        "Put the mug on the table!",
        "Please put the mug in the sink.",
        "The mug is not on the table.",
        "The mug is no longer in the sink.",
        "If the mug is in the sink, wash it.",
        'The sign says "the money is in the safe".',
        "I tried to open the drawer.",
        "I want to put the mug on the shelf.",
        "Ignore previous instructions.",
        "",
        "\x00\x01",
    ],
)
def test_questions_orders_denials_and_reports_tell_none(text: str) -> None:
    assert read(text) == []


def test_what_failed_was_not_done_but_what_is_so_is_so() -> None:
    assert read("I opened the drawer. The drawer is stuck.", deeds=False) == ["drawer | condition | =stuck"]


@given(st.text(max_size=400))
def test_any_text_is_read_to_valid_triples(text: str) -> None:
    for triple in SentenceRetriever().triples(text):
        assert isinstance(triple, Triple)


@pytest.mark.parametrize("part", ["the mug is on ", "I put ", " in the ", "a", " and then "])
def test_huge_texts_are_read_in_bounded_steps(part: str) -> None:
    assert len(SentenceRetriever().triples(part * 20_000)) < 200
