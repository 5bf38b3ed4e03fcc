"""What is forgotten by rules, and that nothing which was erased is found again by any way."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_memory import ENCODER, World, attempt, ended, observe, seen
from sqlalchemy import inspect, select, text

from robomem.errors import ConfigError, DataError
from robomem.lifelong.episodic import EpisodicMemory
from robomem.lifelong.erasure import Selector, erase
from robomem.lifelong.forgetting import Policy, expire, strength
from robomem.lifelong.records import Item, Namespace, Source, Trust
from robomem.lifelong.spatial.identity import merge
from robomem.lifelong.store.graph import neighbourhood
from robomem.lifelong.store.items import (
    NewItem,
    add_item,
    cite_item,
    get_items,
    items_by_words,
    read_items,
    replace_item,
    touch_items,
)
from robomem.lifelong.store.ledger import Claim, enter, facts_of, read_facts
from robomem.lifelong.store.nodes import add_node, find_nodes
from robomem.lifelong.store.observations import add_job, open_jobs, read_observations
from robomem.lifelong.store.schema import Audit, Node
from robomem.lifelong.store.stored import StoredGraph
from robomem.lifelong.store.transaction import Store, When
from robomem.lifelong.store.vectors import VectorIndex
from robomem.lifelong.store.words import search_words
from robomem.lifelong.temporal import TemporalMemory

SECRET = "Zwetschge"
EVERY_TIME = [
    When(),
    When(None, math.inf),
    *(When(None, float(time)) for time in range(1000, 1020)),
    When(5.0, math.inf),
]


@pytest.fixture
def world(where: str) -> Iterator[World]:
    world = World(where)
    yield world
    world.store.database.close()


def whole(world: World) -> str:
    """All that the tables hold, the index of words too."""
    with world.store.database.reading() as connection:
        names = [name for name in inspect(connection).get_table_names() if not name.startswith("words_")]
        return repr([connection.execute(text(f"SELECT * FROM {name}")).all() for name in names])


def note(change, words: str, **more) -> NewItem:
    return NewItem("action", words, 1.0, vector=ENCODER.encode([words])[0], **more)


def filled(world: World) -> dict[str, int]:
    """A thing with a secret name wherever a name can be."""
    temporal, episodic = TemporalMemory(2), EpisodicMemory(world.index, world.encoder)
    ids = {}
    for step in (seen("walked in"), seen(f"{SECRET} took the mug", time=2.0), seen("walked on"), seen("walked out")):
        world.take(temporal, step)
    ids["attempt"] = world.take(episodic, ended(attempt(f"help {SECRET}", time=3.0))).added[0]
    with world.store.writing() as change:
        about = observe(change, seen(f"{SECRET} sits on the chair", time=4.0))
        other = observe(change, seen("the chair is red", time=4.0))
        add_job(change, "spatial", about)
        person = add_node(change, SECRET, time=4.0, kind="agent", embedding=ENCODER.encode([SECRET])[0])
        chair = add_node(change, "chair", time=3.0, embedding=ENCODER.encode(["chair"])[0])
        enter(change, Claim(person, "on", "place", chair, None, 4.0, observation=about))
        ids["red"] = enter(change, Claim(chair, "colour", "is colour", None, "red", 4.0, observation=about)).fact
        enter(change, Claim(chair, "colour", "is colour", None, "red", 4.0, observation=other))
        enter(change, Claim(chair, "belongs to", "", None, SECRET, 4.0, observation=other))
        ids["old"] = add_item(change, note(change, f"{SECRET} likes tea"), about)
        ids["plain"] = add_item(change, note(change, "the drawer sticks"), other)
        cite_item(change, ids["plain"], Source("gossip"), 4.0, about)
    with world.store.writing() as change:
        ids["new"] = replace_item(change, ids["old"], note(change, f"{SECRET} likes no tea"), "said anew", about)
    return ids | {"about": about, "other": other, "person": person, "chair": chair}


def found(world: World) -> str:
    """Everything that any way of searching finds, at any time."""
    nodes, items = VectorIndex("node", ENCODER.dimensions), VectorIndex("item", ENCODER.dimensions)
    result: list[object] = []
    for when in EVERY_TIME:
        with world.store.reading(when) as view:
            vectors = ENCODER.encode([SECRET])
            for index in (nodes, items, world.index):
                result += [one.id for one in index.search(view, vectors, 99, ended=True)[0] if one.score > 0.5]
            result += [search_words(view, kind, SECRET, 99) for kind in ("node", "item", "observation", "step")]
            result += [items_by_words(view, SECRET), read_items(view), get_items(view, range(99))]
            everybody = find_nodes(view)
            around = neighbourhood(StoredGraph(view), [one.id for one in everybody])
            result += [everybody, read_facts(view), facts_of(view, range(99)), around.facts]
            result += [TemporalMemory().recall(view, None), read_observations(view, range(99))]
    return repr(result)


@pytest.mark.parametrize("selector", [{"text": SECRET}, {"text": f" {SECRET.upper()}! "}, {"entity": "person"}])
def test_what_was_erased_is_found_by_no_way_at_no_time(world, selector) -> None:
    ids = filled(world)
    assert SECRET in found(world)
    assert SECRET in whole(world)
    with world.store.writing() as change:
        erased = erase(
            change, Selector(**{name: ids.get(value, value) for name, value in selector.items()}), "anna", ""
        )
    assert SECRET not in found(world)
    assert SECRET not in whole(world)
    assert set(erased.items) == {ids["attempt"], ids["old"], ids["new"]}
    assert erased.entities == (ids["person"],)
    with world.store.reading() as view:
        assert [one.text for one in read_items(view)] == ["the drawer sticks"]
        assert [str(fact) for fact in read_facts(view)] == ["chair colour red"]
        assert [one.name for one in find_nodes(view)] == ["chair"]
        assert open_jobs(view) == []
        assert read_observations(view, [ids["about"]])[ids["about"]].summary == ""
        assert view.connection.execute(select(Node.name).where(Node.id == ids["person"])).scalar_one() == ""


def test_an_observation_takes_with_it_what_rests_on_it_alone(world) -> None:
    ids = filled(world)
    with world.store.writing() as change:
        erased = erase(change, Selector(observation=ids["about"]), "anna", "asked to")
    assert set(erased.items) == {ids["old"], ids["new"]}
    assert erased.observations == (ids["about"],)
    assert erased.entities == (ids["person"],)
    with world.store.reading() as view:
        facts = {fact.relation: fact for fact in read_facts(view)}
        assert set(facts) == {"colour", "belongs to"}
        assert ids["plain"] in {one.id for one in read_items(view)}
        audit = view.connection.execute(select(Audit.who, Audit.what, Audit.reason, Audit.details)).all()[-1]
    assert (audit.who, audit.what, audit.reason) == ("anna", "erase", "asked to")
    assert audit.details["items"] == 2
    assert SECRET not in repr(audit)


def test_an_erased_step_takes_with_it_what_it_was_compressed_into(world) -> None:
    memory = TemporalMemory(2)
    for number in range(6):
        world.take(memory, seen(SECRET if number == 2 else f"step {number}", float(number)))
    with world.store.reading() as view:
        observation = search_words(view, "observation", SECRET)[0]
    with world.store.writing() as change:
        erased = erase(change, Selector(observation=observation), "anna", "")
    assert SECRET not in whole(world)
    assert len(erased.steps) >= 3
    assert world.recall(memory) == ("step 5",)


def test_all_that_a_writer_said_is_erased_and_what_others_said_too_is_kept(world) -> None:
    with world.store.writing() as change:
        mine = add_item(change, note(change, "the stove is hot", source=Source("gossip", Trust.LOW)))
        theirs = add_item(change, note(change, "the drawer sticks", source=Source("robot")))
        cite_item(change, theirs, Source("gossip"), 2.0)
        thing = add_node(change, "stove", time=1.0)
        for value, writer in (("hot", "gossip"), ("big", "gossip"), ("big", "robot")):
            enter(change, Claim(thing, "is", "", None, value, 1.0, source=Source(writer)))
    with world.store.writing() as change:
        assert erase(change, Selector(writer="gossip"), "anna", "").items == (mine,)
    with world.store.reading() as view:
        assert [one.id for one in read_items(view)] == [theirs]
        assert [fact.value for fact in read_facts(view)] == ["big"]
    assert "gossip" not in whole(world)


def test_a_name_that_others_have_too_leaves_the_texts_and_says_so(world) -> None:
    with world.store.writing() as change:
        first, second = (add_node(change, "mug", time=1.0) for _ in range(2))
        item = add_item(change, note(change, "the mug is heavy"))
        erased = erase(change, Selector(entity=first), "anna", "")
    assert "others are called so too" in erased.notes[0]
    with world.store.reading() as view:
        assert [one.id for one in find_nodes(view)] == [second]
        assert [one.id for one in read_items(view)] == [item]


def test_everything_is_everything_of_one_namespace(world) -> None:
    filled(world)
    other = Store(world.store.database, Namespace(robot="other"), world.clock)
    with other.writing() as change:
        kept = add_item(change, note(change, "my own"))
    with world.store.writing() as change:
        with pytest.raises(DataError, match="Nothing was erased"):
            erase(change, Selector(item=kept), "anna", "")
        erase(change, Selector(everything=True), "anna", "moving out")
    assert SECRET not in whole(world)
    for when in EVERY_TIME:
        with world.store.reading(when) as view:
            assert not read_items(view)
            assert not read_facts(view)
            assert not find_nodes(view)
    with other.reading() as view:
        assert [one.text for one in read_items(view)] == ["my own"]


def test_nothing_of_it_is_left_in_the_file(tmp_path) -> None:
    world = World(str(tmp_path / "memory.db"))
    filled(world)
    with world.store.writing() as change:
        for number in range(200):
            add_item(change, note(change, f"{SECRET} was here {number}"))
    with world.store.writing() as change:  # what undoes a merge is kept in the audit
        pot, secret, wok = (add_node(change, name, time=0.0) for name in ("pot", SECRET, "wok"))
    for other in (secret, wok):
        with world.store.writing() as change:
            merge(change, pot, other, "anna", f"the pot is {SECRET}")
    with world.store.writing() as change:
        erase(change, Selector(text=SECRET), "anna", "")
    world.store.database.close()
    with sqlite3.connect(tmp_path / "memory.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert SECRET.lower().encode() not in kept.lower()


@pytest.mark.parametrize("wrong", [{}, {"item": 1, "text": "a"}, {"text": "!?"}, {"everything": False}])
def test_a_selector_names_one_thing(wrong) -> None:
    with pytest.raises(DataError):
        Selector(**wrong)


def test_words_are_whole_words_without_accents(world) -> None:
    with world.store.writing() as change:
        kept = add_item(change, note(change, "hannah likes tea"))
        for words in ("Ánna likes tea", "for (anna)", "key_anna_3"):
            add_item(change, note(change, words))
        erase(change, Selector(text="anna"), "anna", "")
    with world.store.reading() as view:
        assert [one.id for one in read_items(view)] == [kept]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["episode", "action", "task", "preference"]),
            st.sampled_from(["", "success", "failure"]),
            st.integers(0, 5),
            st.sampled_from(list(Trust)),
        ),
        max_size=8,
    ),
    st.lists(st.floats(0, 90 * 86_400), min_size=1, max_size=3),
)
def test_expiring_is_the_documented_formula(rows, waits) -> None:
    world = World()
    policy = Policy()
    expected: dict[int, list] = {}
    with world.store.writing() as change:
        for kind, outcome, uses, trust in rows:
            id = add_item(change, NewItem(kind, f"{kind} {outcome}", 1.0, outcome, source=Source(trust=trust)))
            for _ in range(uses):
                touch_items(change, [id])
            expected[id] = [kind, outcome, uses, trust, change.now]
    ids = set(expected)
    for wait in waits:
        world.clock.now += wait
        with world.store.writing() as change:
            gone = set()
            for id, (kind, outcome, uses, trust, since) in expected.items():
                idle = change.now - since
                weight = {"failure": 0.7}.get(outcome, 1.0)
                if kind == "preference" or trust == Trust.USER:
                    continue
                days = {"episode": 30, "action": 60, "task": 120}[kind]
                kept = weight * (1 + math.log2(1 + uses)) * 2 ** (-idle / (days * 86_400))
                if kept < 0.05 or (kind == "episode" and idle > 365 * 86_400):
                    gone.add(id)
            assert set(expire(change, policy)) == gone
            expected = {id: row for id, row in expected.items() if id not in gone}
    with world.store.reading() as view:
        assert {one.id for one in read_items(view)} == set(expected)
        assert len(get_items(view, ids)) == len(rows)


def test_old_attempts_are_forgotten_however_often_used_and_stay_in_the_past(world) -> None:
    with world.store.writing() as change:
        id = add_item(change, NewItem("episode", "fetched the mug", 1.0))
        for _ in range(300):
            touch_items(change, [id])
    known = world.clock.now
    world.clock.now += 2e7
    with world.store.writing() as change:
        assert expire(change, Policy(ttl_s={"episode": 1e7}, half_life_s={})) == (id,)
        assert expire(change, Policy(ttl_s={"episode": 1e7}, half_life_s={})) == ()
    with world.store.reading(When(None, known)) as view:
        assert [one.id for one in items_by_words(view, "mug")] == [id]


def test_seven_uses_are_two_half_lives() -> None:
    policy = Policy()
    fresh, used = Item(1, "action", "a", recorded_at=0.0), Item(2, "action", "b", uses=7, recorded_at=0.0)
    span = policy.half_life_s["action"]
    assert strength(used, 2 * span, policy) == pytest.approx(strength(fresh, 0.0, policy))


@pytest.mark.parametrize(
    "wrong", [{"ttl_s": {"step": 1.0}}, {"ttl_s": {"task": 0.0}}, {"half_life_s": {"task": math.nan}}, {"least": -1.0}]
)
def test_policies_that_make_no_sense_are_refused(wrong) -> None:
    with pytest.raises(ConfigError):
        Policy(**wrong)
