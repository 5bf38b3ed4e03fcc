"""Facts entered together against the same facts entered one after the other."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.lifelong.records import Namespace, Source, Trust
from robomem.lifelong.store.batch import enter_all
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.ledger import Claim, enter, read_facts, sources_of
from robomem.lifelong.store.nodes import add_node
from robomem.lifelong.store.relations import PLACE
from robomem.lifelong.store.transaction import Store

CLAIM = st.builds(
    lambda thing, relation, value, time, trust: Claim(
        thing, relation[0], relation[1], None, value, float(time), source=Source(trust=trust)
    ),
    st.integers(1, 2),
    st.sampled_from([("colour", "is colour"), ("shade", "is colour"), ("likes", ""), ("on", PLACE)]),
    st.sampled_from("ab"),
    st.integers(0, 4),
    st.sampled_from([Trust.LOW, Trust.SENSOR, Trust.USER]),
)


DATABASE = Database(":memory:")
NUMBER = count()


def new_store() -> tuple[Store, dict[int, int]]:
    store = Store(DATABASE, Namespace(robot=f"robot {next(NUMBER)}"), lambda: 1000.0)
    with store.writing() as change:
        return store, {number: add_node(change, f"mug {number}", time=0.0) for number in (1, 2)}


def written(store: Store) -> list[str]:
    with store.reading() as view:
        return sorted(
            str(
                (
                    *(fact.subject_name, fact.relation, fact.value, fact.valid_from, fact.valid_to, fact.trust),
                    *(fact.disputed, fact.confidence, fact.recorded_at, fact.retired_at, fact.reason),
                    *sorted((row["time"], row["writer"]) for row in sources_of(view, fact.id)),
                )
            )
            for fact in read_facts(view)
        )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CLAIM, max_size=6), max_size=4))
def test_together_is_as_one_after_the_other(steps: list[list[Claim]]) -> None:
    (together, these), (apart, those) = new_store(), new_store()
    for claims in steps:
        with together.writing() as change:
            entered = enter_all(change, [replace(claim, subject=these[claim.subject]) for claim in claims])
        with apart.writing() as change:
            expected = [enter(change, replace(claim, subject=those[claim.subject])) for claim in claims]
        assert [(one.new, one.disputed, len(one.ended)) for one in entered] == [
            (one.new, one.disputed, len(one.ended)) for one in expected
        ]
        with together.reading() as view:
            facts = {fact.id: fact for fact in read_facts(view)}
        for one, claim in zip(entered, claims, strict=True):
            assert (facts[one.fact].subject, facts[one.fact].value) == (these[claim.subject], claim.value)
    assert written(together) == written(apart)
