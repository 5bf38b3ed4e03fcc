"""The book of facts against a reference that replays everything that was said in order of its time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.lifelong.records import Namespace, Source, Trust
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.ledger import Claim, end_facts, enter, facts_by_id, facts_of, read_facts, sources_of
from robomem.lifelong.store.nodes import add_node
from robomem.lifelong.store.transaction import Store, When


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def said(subject: int, value: str, time: float, trust: Trust = Trust.SENSOR, grouping: str = "is colour") -> Claim:
    return Claim(subject, "colour", grouping, None, value, time, source=Source(trust=trust))


_DATABASE = Database(":memory:")
_NUMBER = count()


def new_store(clock: Clock) -> Store:
    """A namespace of its own: making a database takes longer than most tests."""
    return Store(_DATABASE, Namespace(robot=f"ledger {next(_NUMBER)}"), clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return new_store(clock)


def new_thing(store: Store) -> int:
    with store.writing() as change:
        return add_node(change, "mug", time=0.0)


def believed(store: Store, thing: int, when: When) -> list[str | None]:
    with store.reading(when) as view:
        return [fact.value for fact in facts_of(view, [thing], disputed=False)]


CLAIMS = st.lists(st.tuples(st.integers(0, 6), st.sampled_from("abc")), min_size=1, max_size=9)


@settings(max_examples=200)
@given(CLAIMS)
def test_any_time_as_known_at_any_time_is_what_was_last_said(claims: list[tuple[int, str]]) -> None:
    clock = Clock()
    store = new_store(clock)
    thing = new_thing(store)
    for number, (time, value) in enumerate(claims):
        clock.now = 1000.0 + number
        with store.writing() as change:
            enter(change, said(thing, value, float(time)))
    for known in range(len(claims)):
        for valid in range(8):
            told = [(time, order, value) for order, (time, value) in enumerate(claims[: known + 1]) if time <= valid]
            expected = [max(told)[2]] if told else []
            assert believed(store, thing, When(float(valid), 1000.0 + known)) == expected, (claims, known, valid)
    last = max((time, order, value) for order, (time, value) in enumerate(claims))[2]
    assert believed(store, thing, When()) == [last]


@settings(max_examples=60)
@given(CLAIMS)
def test_every_claim_is_cited_by_a_fact_that_says_so_at_its_time(claims: list[tuple[int, str]]) -> None:
    store = new_store(Clock())
    thing = new_thing(store)
    for time, value in claims:
        with store.writing() as change:
            enter(change, said(thing, value, float(time)))
    with store.reading() as view:
        cited = {(row["time"], fact.value) for fact in read_facts(view) for row in sources_of(view, fact.id)}
    assert cited == {(float(time), value) for time, value in claims}


def test_relations_without_a_group_keep_every_fact(store: Store) -> None:
    thing = new_thing(store)
    with store.writing() as change:
        for value in ("tea", "soup"):
            enter(change, said(thing, value, 1.0, grouping=""))
    assert believed(store, thing, When()) == ["tea", "soup"]


def test_less_trust_disputes_and_ends_nothing(store: Store) -> None:
    thing = new_thing(store)
    with store.writing() as change:
        first = enter(change, said(thing, "red", 1.0, Trust.SENSOR))
        claim = enter(change, said(thing, "gold", 2.0, Trust.LOW))
        again = enter(change, said(thing, "gold", 3.0, Trust.LOW))
    assert claim.disputed
    assert not claim.ended
    assert again.fact == claim.fact
    assert not again.new
    assert believed(store, thing, When()) == ["red"]
    with store.writing() as change:
        decided = enter(change, said(thing, "blue", 4.0, Trust.USER))
    assert set(decided.ended) == {first.fact, claim.fact}
    with store.reading() as view:
        assert [fact.value for fact in facts_of(view, [thing])] == ["blue"]


def test_a_fact_that_is_ended_twice_ends_once(store: Store, clock: Clock) -> None:
    thing = new_thing(store)
    with store.writing() as change:
        fact = enter(change, said(thing, "red", 1.0)).fact
        end_facts(change, [fact], 5.0, "not there any more")
        end_facts(change, [fact], 9.0, "again")
    with store.reading() as view:
        one = facts_by_id(view, [fact])[fact]
    assert (one.valid_to, one.reason) == (5.0, "not there any more")
    assert believed(store, thing, When(4.0)) == ["red"]
    assert believed(store, thing, When(5.0)) == []


def test_a_clock_that_runs_back_does_not_turn_the_book_round(store: Store, clock: Clock) -> None:
    thing = new_thing(store)
    with store.writing() as change:
        enter(change, said(thing, "red", 1.0))
    clock.now = 10.0
    with store.writing() as change:
        assert change.now == 1000.0
        enter(change, said(thing, "blue", 2.0))
    assert believed(store, thing, When(None, 1000.0)) == ["blue"]


def test_namespaces_do_not_see_each_other(store: Store) -> None:
    thing = new_thing(store)
    with store.writing() as change:
        enter(change, said(thing, "red", 1.0))
    other = Store(store.database, Namespace(robot="other"))
    with other.reading() as view:
        assert read_facts(view) == []
