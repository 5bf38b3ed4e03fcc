"""The mirror says what the database says, whoever wrote, merged, erased or gave up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from robomem.errors import DataError
from robomem.lifelong.erasure import Selector, erase
from robomem.lifelong.records import Namespace, Pose, Source, Trust
from robomem.lifelong.spatial import merge, split
from robomem.lifelong.spatial.things import forget_poses
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.graph import Graph
from robomem.lifelong.store.ledger import Claim, end_facts, enter
from robomem.lifelong.store.mirror import Mirror
from robomem.lifelong.store.nodes import add_node, change_node, find_nodes
from robomem.lifelong.store.schema import Edge, Node
from robomem.lifelong.store.stored import StoredGraph
from robomem.lifelong.store.transaction import Snapshot, Store, Transaction, When

NAMES = ("mug", "plate", "red mug", "counter", "")
WHO = st.sampled_from((0, 1))
PICK = st.integers(0, 9)


def every(graph: Graph, ids: range, facts: range) -> list[object]:
    """All that a graph says of these rows."""
    return [
        graph.nodes(ids),
        graph.facts(facts),
        sorted(set(graph.latest(ids, 2))),
        sorted(set(graph.latest(ids, 99))),
        graph.called(NAMES),
        graph.keyed(("a", "b", "")),
        graph.holding(ids),
    ]


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@dataclass
class Writers:
    """Two stores on one database, as two processes have them, each with a mirror."""

    where: str
    stores: list[Store] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = Clock()
        self.stores = [Store(Database(self.where), Namespace(), clock) for _ in range(2)]
        self.mirrors = [Mirror(), Mirror()]

    def close(self) -> None:
        for store in self.stores:
            store.database.close()


class Giving(Exception):
    """A transaction is given up."""


class TwoWriters(RuleBasedStateMachine):
    """Whatever two writers do, each one's mirror says what the database says."""

    where: str = ""
    number = 0

    def __init__(self) -> None:
        super().__init__()
        TwoWriters.number += 1
        name = Namespace(robot=f"robot {TwoWriters.number}")
        clock = Clock()
        self.stores = [Store(database, name, clock) for database in DATABASES]
        self.mirrors = [Mirror(), Mirror()]

    def _some(self, view: Snapshot, table: type[Node | Edge], pick: int) -> int | None:
        query = table.__table__.select().where(table.namespace_id == view.namespace_id)  # type: ignore[attr-defined]
        rows = view.connection.execute(query.order_by(table.__table__.c.id)).all()  # type: ignore[attr-defined]
        return rows[pick % len(rows)].id if rows else None

    @rule(who=WHO, name=st.sampled_from(NAMES[:4]), key=st.sampled_from(("", "", "a", "b")), kept=st.booleans())
    def add(self, who: int, name: str, key: str, kept: bool) -> None:
        def work(change: Transaction) -> None:
            add_node(change, name, time=change.now, key=key, pose=Pose((change.now, 0.0, 0.0)) if key else None)

        self._write(who, work, kept)

    @rule(
        who=WHO,
        subject=PICK,
        object_=PICK,
        relation=st.sampled_from(("on", "near", "colour")),
        late=st.sampled_from((0.0, 0.0, 5.0)),
        trust=st.sampled_from((Trust.LOW, Trust.SENSOR)),
        kept=st.booleans(),
    )
    def tell(self, who: int, subject: int, object_: int, relation: str, late: float, trust: Trust, kept: bool) -> None:
        def work(change: Transaction) -> None:
            one, other = self._some(change, Node, subject), self._some(change, Node, object_)
            if one is not None and other is not None and one != other:
                end = (None, f"value {object_}") if relation == "colour" else (other, None)
                grouping = {"on": "place", "colour": "is colour", "near": ""}[relation]
                time = change.now - late
                enter(change, Claim(one, relation, grouping, *end, time, source=Source(trust=trust)))

        self._write(who, work, kept)

    @rule(who=WHO, fact=PICK, kept=st.booleans())
    def end(self, who: int, fact: int, kept: bool) -> None:
        def work(change: Transaction) -> None:
            id = self._some(change, Edge, fact)
            end_facts(change, [] if id is None else [id], change.now, "over")

        self._write(who, work, kept)

    @rule(who=WHO, node=PICK, pose=st.booleans(), kept=st.booleans())
    def move(self, who: int, node: int, pose: bool, kept: bool) -> None:
        def work(change: Transaction) -> None:
            id = self._some(change, Node, node)
            if id is not None and pose:
                change_node(change, id, time=change.now, pose=Pose((0.0, change.now, 0.0)))
            elif id is not None:
                forget_poses(change, [id])

        self._write(who, work, kept)

    @rule(who=WHO, one=PICK, other=PICK, undo=st.booleans(), kept=st.booleans())
    def be_one(self, who: int, one: int, other: int, undo: bool, kept: bool) -> None:
        def work(change: Transaction) -> None:
            a, b = self._some(change, Node, one), self._some(change, Node, other)
            if a is not None and b is not None:
                if undo:
                    split(change, b, "test", "")
                else:
                    merge(change, a, b, "test", "")

        self._write(who, work, kept)

    @rule(who=WHO, node=PICK, kept=st.booleans())
    def erase(self, who: int, node: int, kept: bool) -> None:
        def work(change: Transaction) -> None:
            found = find_nodes(change)
            if found:
                erase(change, Selector(entity=found[node % len(found)].id), "test", "")

        self._write(who, work, kept)

    def _write(self, who: int, work, kept: bool) -> None:
        """Do some work in a transaction, looking at the graph before and after it, and give it up or not."""
        try:
            with self.stores[who].writing() as change:
                self._compare(who, change)
                work(change)
                self._compare(who, change)
                if not kept:
                    raise Giving
        except (Giving, DataError):
            pass

    def _compare(self, who: int, view: Snapshot) -> None:
        nodes, facts = self._some(view, Node, -1) or 0, self._some(view, Edge, -1) or 0
        ids, known = range(max(0, nodes - 40), nodes + 2), range(max(0, facts - 80), facts + 2)
        with self.mirrors[who].reading(view) as graph:
            assert every(graph, ids, known) == every(StoredGraph(view), ids, known)

    @rule(who=WHO)
    def look(self, who: int) -> None:
        with self.stores[who].reading() as view:
            self._compare(who, view)

    @rule(who=WHO, ago=st.floats(0.0, 5.0))
    def look_back(self, who: int, ago: float) -> None:
        with self.stores[who].reading(When(max(0.0, self.stores[who]._clock() - ago))) as view:
            self._compare(who, view)

    @invariant()
    def one_follows(self) -> None:
        self.look(0)


DATABASES: list[Database] = []


@pytest.fixture
def databases(tmp_path) -> Iterator[None]:
    DATABASES.extend(Database(tmp_path / "memory.db") for _ in range(2))
    yield
    while DATABASES:
        DATABASES.pop().close()


def test_the_mirror_says_what_the_database_says(databases: None) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(TwoWriters, settings=settings(max_examples=12, stateful_step_count=25, deadline=None))


def test_what_another_process_wrote_merged_and_erased_is_followed(where: str) -> None:
    writers = Writers(where)
    mine, (other, mirror) = writers.stores[0], (writers.stores[1], writers.mirrors[1])

    def names() -> list[str]:
        with other.reading() as view, mirror.reading(view) as graph:
            assert graph is mirror
            return sorted(fact.subject_name for fact in graph.facts(range(1, 99)).values())

    with mine.writing() as change:
        mug, cup, table = (add_node(change, name, time=0.0) for name in ("mug", "cup", "table"))
        facts = [enter(change, Claim(one, "on", "place", table, None, 0.0)).fact for one in (mug, cup)]
    assert names() == ["cup", "mug"]
    with mine.writing() as change:
        merge(change, mug, cup, "test", "")
    assert names() == ["mug"]
    with mine.writing() as change:
        split(change, cup, "test", "")
    assert names() == ["cup", "mug"]
    with mine.writing() as change:
        end_facts(change, facts[:1], 1.0, "over")
        erase(change, Selector(entity=cup), "test", "")
    assert "cup" not in names()
    writers.close()


def test_a_transaction_sees_its_own_writes_and_others_do_not(where: str) -> None:
    writers = Writers(where)
    store, mirror = writers.stores[0], writers.mirrors[0]
    mug = 0

    def give_up() -> None:
        nonlocal mug
        with store.writing() as change:
            mug = add_node(change, "mug", time=0.0)
            with mirror.reading(change) as graph:
                assert [one.name for one in graph.nodes([mug]).values()] == ["mug"]
            raise Giving

    with pytest.raises(Giving):
        give_up()
    with store.reading() as view, mirror.reading(view) as graph:
        assert graph.nodes([mug]) == {}
        assert graph.called(["mug"]) == {}
    writers.close()


def test_many_threads_read_while_others_write(where: str) -> None:
    writers = Writers(where)
    with writers.stores[0].writing() as change:
        table, cup = add_node(change, "table", time=0.0), add_node(change, "cup", time=0.0)
    errors: list[BaseException] = []

    def write(store: Store) -> None:
        for number in range(15):
            with store.writing() as change:
                enter(change, Claim(cup, "count", "is count", None, str(number), change.now))
                enter(change, Claim(cup, "on", "place", table, None, change.now))

    def read(store: Store) -> None:
        for _ in range(30):
            with store.reading() as view, writers.mirrors[1].reading(view) as graph:
                assert len(graph.latest([cup], 9)) == len(graph.holding([cup])) <= 2

    def run(work, store: Store) -> None:
        try:
            work(store)
        except BaseException as error:
            errors.append(error)

    threads = [
        threading.Thread(target=run, args=(work, store)) for work in (write, read, read) for store in writers.stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    with writers.stores[0].reading() as view, writers.mirrors[1].reading(view) as graph:
        assert [one.value for one in graph.holding([cup]) if one.relation == "count"] == ["14"]
    writers.close()
