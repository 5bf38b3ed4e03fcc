"""Rows of items against a plain book of what was written when, and the index that follows them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_memory import ENCODER, World

from robomem.errors import DataError
from robomem.lifelong.likeness import similar_items
from robomem.lifelong.records import ITEM_KINDS, Namespace, Source, Trust
from robomem.lifelong.store.item_mirror import ItemMirror
from robomem.lifelong.store.items import (
    NewItem,
    add_item,
    get_items,
    items_by_words,
    read_items,
    replace_item,
    retire_items,
    sources_of_item,
    touch_items,
)
from robomem.lifelong.store.transaction import Store, When
from robomem.lifelong.store.vectors import VectorIndex
from robomem.lifelong.upkeep import fill_vectors

TEXTS = ["the left drawer sticks", "the stove is hot", "anna likes tea", "pull the door hard"]
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["add", "replace", "retire", "touch"]),
        st.sampled_from(TEXTS),
        st.sampled_from(ITEM_KINDS),
        st.integers(0, 9),
    ),
    max_size=14,
)


def new(text: str, kind: str = "action", **more) -> NewItem:
    return NewItem(kind, text, 1.0, vector=ENCODER.encode([text])[0], **more)


@settings(max_examples=60, deadline=None)
@given(DEEDS, st.sampled_from([3, 50_000]))
def test_items_at_any_time_are_what_was_written_by_then(deeds, exact) -> None:
    world = World()
    index, mirror = VectorIndex("item", ENCODER.dimensions, exact=exact), ItemMirror()
    live: dict[int, tuple[str, str, int]] = {}
    past: list[tuple[float, dict[int, tuple[str, str, int]]]] = []
    ids_made: list[int] = []

    def mine() -> range:  # tests share a database, in which ids go on
        return range(min(ids_made, default=0), max(ids_made, default=0) + 100)

    for deed, text, kind, which in deeds:
        chosen = sorted(live)[which % len(live)] if live else 99
        with world.store.writing() as change:
            assert mirror.read(change, mine(), ITEM_KINDS) == read_items(change)
            if deed == "add":
                ids_made.append(add_item(change, new(text, kind)))
                live[ids_made[-1]] = text, kind, 0
            elif deed == "replace" and live:
                id = replace_item(change, chosen, new(text, kind), "said anew")
                ids_made.append(id)
                live[id] = text, kind, live.pop(chosen)[2]
            elif deed == "retire":
                assert retire_items(change, [chosen], "wrong") == ((chosen,) if live else ())
                live.pop(chosen, None)
            elif deed == "touch":
                touch_items(change, [chosen, chosen])
                if live:
                    live[chosen] = *live[chosen][:2], live[chosen][2] + 1
            assert mirror.read(change, mine(), ITEM_KINDS) == read_items(change)
        past.append((change.now, dict(live)))
        with world.store.reading() as view:
            assert {one.id: (one.text, one.kind, one.uses) for one in read_items(view)} == live
            assert mirror.read(view, mine(), ITEM_KINDS) == read_items(view)
    for known, there in past:
        for when in [When(None, known), *([When()] if there is past[-1][1] else [])]:
            with world.store.reading(when) as view:
                for kind in ITEM_KINDS:
                    ids = {id for id, row in there.items() if row[1] == kind}
                    assert {one.id for one in read_items(view, kinds=[kind])} == ids
                    found = similar_items(view, index, mirror, ENCODER.encode(TEXTS), {kind: 99})[kind]
                    assert all({one.id for one in row} == ids for row in found)
                for text in TEXTS:
                    ids = {id for id, row in there.items() if row[0] == text}
                    assert {one.id for one in items_by_words(view, text.split()[-1], limit=99)} == ids


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(ITEM_KINDS), min_size=1, max_size=40), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_likeness_of_a_kind_is_a_ranking_of_that_kind(kinds, count, seed) -> None:
    world = World()
    vectors = np.random.default_rng(seed).normal(size=(len(kinds), ENCODER.dimensions)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with world.store.writing() as change:
        ids = [
            add_item(change, NewItem(kind, f"item {number}", 1.0, vector=vector))
            for number, (kind, vector) in enumerate(zip(kinds, vectors))
        ]
    likeness = vectors @ vectors[0]
    with world.store.reading() as view:
        for kind in ITEM_KINDS:
            rows = sorted((one for one in range(len(ids)) if kinds[one] == kind), key=lambda one: -likeness[one])
            found = similar_items(view, world.index, ItemMirror(), vectors[:1], {kind: count})[kind][0]
            assert [one.id for one in found] == [ids[one] for one in rows[:count]]
            assert [one.score for one in found] == pytest.approx([likeness[one] for one in rows[:count]], abs=1e-5)


def test_texts_are_cleaned_and_sources_cut_to_what_columns_hold() -> None:
    world = World()
    with world.store.writing() as change:
        source = Source("w\x00" * 300, Trust.USER, "m" * 300, "h" * 300)
        id = add_item(change, NewItem("task", "\x00 wash\x07 it\u202e ", 1.0, source=source))
    with world.store.reading() as view:
        assert get_items(view, [id])[id].text == "wash it"
        row = sources_of_item(view, id)[0]
        assert (len(row["writer"]), len(row["model"]), len(row["prompt_hash"])) == (200, 200, 64)
        assert "\x00" not in row["writer"]


def test_items_of_another_namespace_are_neither_read_nor_changed() -> None:
    world = World()
    with world.store.writing() as change:
        id = add_item(change, new("anna likes tea"))
    other = Store(world.store.database, Namespace(robot="other"), world.clock)
    with other.writing() as change:
        assert retire_items(change, [id], "mine") == ()
        touch_items(change, [id])
        assert not get_items(change, [id])
        assert not items_by_words(change, "tea")
    with world.store.reading() as view:
        assert (get_items(view, [id])[id].uses, get_items(view, [id])[id].retired_at) == (0, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "edge"},
        {"text": ""},
        {"text": "\x00\n "},
        {"text": "x" * 20_001},
        {"text": "\ud800"},
        {"text": None},
        {"time": float("nan")},
    ],
)
def test_items_that_make_no_sense_are_refused(wrong) -> None:
    with pytest.raises(DataError):
        NewItem(**{"kind": "action", "text": "pull", "time": 1.0} | wrong)


@pytest.mark.parametrize("failed", [None, np.zeros(ENCODER.dimensions, np.float32)])
def test_the_index_follows_an_item_whose_vector_comes_later(failed) -> None:
    world = World()
    index = VectorIndex("item", ENCODER.dimensions)
    asked = ENCODER.encode(TEXTS[:1])

    def liked() -> list[int]:
        with world.store.reading() as view:
            return [one.id for one in index.search(view, asked, 9)[0] if one.score > 0.9]

    with world.store.writing() as change:
        known = add_item(change, new(TEXTS[0]))
        late = add_item(change, NewItem("action", TEXTS[0], 1.0, vector=failed))
    assert liked() == [known]
    assert fill_vectors(world.store, ENCODER) == 1
    assert liked() == [known, late]
    with world.store.writing() as change:
        touch_items(change, [known, late])
        retire_items(change, [known], "wrong")
    assert liked() == [late]
