"""The store on both databases: two writers, a reader beside a writer, caches that follow, errors in words."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event

from robomem.errors import ConfigError, DataError, StorageError
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.records import Namespace, Observation, Pose, Sighting
from robomem.lifelong.store.database import Database
from robomem.lifelong.store.graph import neighbourhood
from robomem.lifelong.store.ledger import Claim, enter, facts_of
from robomem.lifelong.store.meta import claim_encoder
from robomem.lifelong.store.nodes import add_node, change_node, find_nodes, get_nodes, nodes_near
from robomem.lifelong.store.relations import RelationKind, define_relation, read_relations
from robomem.lifelong.store.stored import StoredGraph
from robomem.lifelong.store.transaction import Store
from robomem.lifelong.store.vectors import VectorIndex
from robomem.lifelong.store.words import drop_words, search_words
from robomem.text import SentenceEncoder, make_encoder, minilm


def test_concurrent_writers_lose_nothing(where: str) -> None:
    Database(where).close()
    errors: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            store = Store(Database(where), Namespace())
            for _ in range(25):
                with store.writing() as change:
                    found = find_nodes(change)
                    node = found[0].id if found else add_node(change, "counter", time=0.0)
                    fact = next(iter(facts_of(change, [node])), None)
                    value = str(int(fact.value or 0) + 1 if fact else 1)
                    enter(change, Claim(node, "count", "is count", None, value, float(value)))
            store.database.close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    store = Store(Database(where, read_only=True), Namespace())
    with store.reading() as view:
        assert view.seq == 100
        nodes = find_nodes(view)
        assert [fact.value for fact in facts_of(view, [nodes[0].id])] == ["100"]
    assert len(nodes) == 1
    store.database.close()


def test_a_reader_sees_one_state_while_others_write(where: str) -> None:
    writer = Store(Database(where), Namespace())
    reader = Store(Database(where, read_only=True), Namespace())
    with writer.writing() as change:
        add_node(change, "mug", time=0.0)
    with reader.reading() as view:
        assert len(find_nodes(view)) == 1
        with writer.writing() as change:
            add_node(change, "bowl", time=0.0)
        assert len(find_nodes(view)) == 1
    with reader.reading() as view:
        assert len(find_nodes(view)) == 2
    with pytest.raises(StorageError, match="read only"), reader.writing():
        pass
    writer.database.close()
    reader.database.close()


def test_a_failed_transaction_changes_nothing(where: str) -> None:
    store = Store(Database(where), Namespace())

    def fail() -> None:
        with store.writing() as change:
            add_node(change, "mug", time=0.0)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.reading() as view:
        assert find_nodes(view) == []
    store.database.close()


def test_the_index_follows_other_writers(where: str) -> None:
    encoder = make_encoder("hash")
    writer, other = Store(Database(where), Namespace()), Store(Database(where), Namespace())
    index = VectorIndex("node", encoder.dimensions)

    def nearest(text: str) -> list[int]:
        with other.reading() as view:
            return [found.id for found in index.search(view, encoder.encode([text]), 5)[0] if found.score > 0.5]

    with writer.writing() as change:
        mug = add_node(change, "mug", time=0.0, embedding=encoder.encode(["mug"])[0])
    assert nearest("mug") == [mug]
    with writer.writing() as change:
        cup = add_node(change, "mug", time=0.0, embedding=encoder.encode(["mug"])[0])
        change_node(change, mug, merged_into=cup)
    assert nearest("mug") == [cup]
    with writer.writing() as change:
        change_node(change, cup, embedding=encoder.encode(["kettle"])[0])
    assert nearest("mug") == []
    assert nearest("kettle") == [cup]
    with writer.writing() as change:
        change_node(change, cup, embedding=None)
    assert nearest("kettle") == []
    assert len(index) == 0
    writer.database.close()
    other.database.close()


def test_a_graph_of_vectors_finds_what_comparing_all_finds() -> None:
    draw = np.random.default_rng(0)
    vectors = draw.normal(size=(600, 32)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store = Store(Database(":memory:"), Namespace())
    exact, graph = VectorIndex("node", 32), VectorIndex("node", 32, exact=200)
    for start in (0, 300):
        with store.writing() as change:
            for row in range(start, start + 300):
                add_node(change, f"thing {row}", time=0.0, embedding=vectors[row])
        with store.reading() as view:
            wanted = exact.search(view, vectors[:50], 5)
            found = graph.search(view, vectors[:50], 5)
    hits = sum(len({a.id for a in one} & {b.id for b in two}) for one, two in zip(wanted, found))
    assert hits >= 245
    assert [one[0].id for one in found] == list(range(1, 51))
    with store.writing() as change:
        change_node(change, 1, merged_into=2)
    with store.reading() as view:
        assert all(one.id != 1 for one in graph.search(view, vectors[:1], 5)[0])
        assert [one.id for one in graph.search(view, vectors[:1], 5, among=[7, 8])[0]] in ([7, 8], [8, 7])


def test_words_are_found_and_never_run(where: str) -> None:
    store = Store(Database(where), Namespace())
    with store.writing() as change:
        first = add_node(change, "red mug", category="mug", time=0.0)
        second = add_node(change, "blue mug", category="mug", time=0.0)
        umlaut = add_node(change, "Küchentisch", time=0.0)
    with store.reading() as view:
        assert search_words(view, "node", "where is the RED mug?")[0] == first
        assert set(search_words(view, "node", "mug")) == {first, second}
        assert search_words(view, "node", "küchentisch") == [umlaut]
        for hostile in ('"', "mug AND", "NEAR(", "* OR 1=1; DROP TABLE node", "mug') --", "", "!!! & | <->"):
            search_words(view, "node", hostile)
        assert search_words(view, "item", "mug") == []
    with store.writing() as change:
        drop_words(change, "node", [first])
    with store.reading() as view:
        assert search_words(view, "node", "mug") == [second]
    store.database.close()


def test_near(where: str) -> None:
    store = Store(Database(where), Namespace())
    with store.writing() as change:
        for name, x in (("a", 0.0), ("b", 1.0), ("c", 3.0)):
            add_node(change, name, time=0.0, pose=Pose((x, 0.0, 1.0)))
        add_node(change, "nowhere", time=0.0)
        add_node(change, "elsewhere", time=0.0, pose=Pose((0.0, 0.0, 1.0), frame="odom"))
    with store.reading() as view:
        assert [one.name for one in nodes_near(view, (0.9, 0.0, 1.0), 1.0)] == ["b", "a"]
    store.database.close()


def test_the_walk_is_bounded_and_stops_at_rooms(where: str) -> None:
    store = Store(Database(where), Namespace())
    with store.writing() as change:
        room = add_node(change, "kitchen", kind="room", time=0.0)
        table = add_node(change, "table", kind="place", time=0.0)
        enter(change, Claim(table, "in", "place", room, None, 0.0))
        things = [add_node(change, f"thing {number}", time=0.0) for number in range(40)]
        for thing in things:
            enter(change, Claim(thing, "on", "place", table, None, 0.0))
        far = add_node(change, "shelf", kind="place", time=0.0)
        enter(change, Claim(far, "in", "place", room, None, 0.0))
    with store.reading() as view:
        assert len(neighbourhood(StoredGraph(view), [things[0]], hops=2, fan_out=5).facts) == 1 + 6
        reached = neighbourhood(StoredGraph(view), [table], hops=3, fan_out=50)
        assert far not in reached.hops
        assert reached.hops[room] == 1
        assert far in neighbourhood(StoredGraph(view), [room], hops=1).hops
    store.database.close()


def test_relations_can_be_defined(where: str) -> None:
    store = Store(Database(where), Namespace())
    with store.writing() as change:
        for grouping in ("first", "mood"):
            define_relation(change, RelationKind("feels", grouping))
    with store.reading() as view:
        relations = read_relations(view)
    assert relations.grouping("feels", to_value=True) == "mood"
    assert relations.grouping("colour", to_value=True) == "is colour"
    assert relations.grouping("in", to_value=False) == "place"
    assert relations.kind("holds").canonical == "held by"
    store.database.close()


def test_vectors_of_another_encoder_are_refused(where: str) -> None:
    store = Store(Database(where), Namespace())
    with store.writing() as change:
        claim_encoder(change, "hash:64", 64)
        claim_encoder(change, "hash:64", 64)
    with pytest.raises(ConfigError, match="hash:64"), store.writing() as change:
        claim_encoder(change, "minilm", 384)
    with store.writing() as change:
        claim_encoder(change, "minilm", 384, replace=True)
        add_node(change, "mug", time=0.0, embedding=np.ones(384, np.float32))
    store.database.close()


# What a database may be instead of a memory


def test_another_file_is_refused_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"buy milk\n" * 500)
    with pytest.raises(DataError, match="no SQLite database"):
        Database(file)
    assert file.read_bytes() == b"buy milk\n" * 500


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    store = Store(Database(file), Namespace())
    with store.writing() as change:
        for number in range(300):
            add_node(change, f"thing {number}", time=0.0, embedding=np.ones(64, np.float32))
    store.database.close()
    content = bytearray(file.read_bytes())
    content[8192:-4096] = os.urandom(len(content) - 8192 - 4096)
    file.write_bytes(content)

    def read() -> None:
        with Store(Database(file), Namespace()).reading() as view:
            find_nodes(view)

    with pytest.raises(DataError, match=r"damaged|no SQLite"):
        read()


def test_a_newer_version_is_refused_unchanged(where: str) -> None:
    database = Database(where)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(DataError, match="newer version"):
        Database(where)


def test_tables_of_another_program_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE node (whatever TEXT)")
    with pytest.raises(DataError, match="another program"):
        Database(file)


def test_a_locked_memory_says_so_and_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    Database(file).close()
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    store = Store(Database(file, patience_s=0.05), Namespace())
    with pytest.raises(StorageError, match="locked"), store.writing() as change:
        add_node(change, "mug", time=0.0)
    holder.execute("ROLLBACK")
    with store.writing() as change:
        add_node(change, "mug", time=0.0)
    store.database.close()
    holder.close()


def test_a_full_disk_says_so_and_keeps_what_was(tmp_path: Path) -> None:
    store = Store(Database(tmp_path / "memory.db"), Namespace())
    with store.writing() as change:
        add_node(change, "mug", time=0.0)

    def fill() -> None:
        with store.writing() as change:
            change.connection.exec_driver_sql("PRAGMA max_page_count = 60")
            for number in range(2000):
                add_node(change, f"thing {number}", time=0.0, embedding=np.ones(256, np.float32))

    with pytest.raises(StorageError, match="full"):
        fill()
    with store.reading() as view:
        assert [one.name for one in find_nodes(view)] == ["mug"]
    store.database.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_says_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError):
        Database(tmp_path / "memory.db")


def test_a_file_that_may_only_be_read_says_so(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    Database(file).close()
    database = Database(file)

    def write() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")

    with pytest.raises(StorageError, match="read-only"):
        write()
    database.close()


@pytest.mark.parametrize(
    ("where", "error", "words"),
    [
        ("mysql://host/name", ConfigError, "neither|SQLite or PostgreSQL"),
        ("postgresql://", StorageError, "cannot be"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", StorageError, "cannot be reached|cannot be used"),
        ("nonsense://[::", ConfigError, "no database URL"),
    ],
)
def test_wrong_addresses(where: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Database(where, patience_s=1.0)


def test_a_missing_file_is_not_made_for_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no memory"):
        Database(tmp_path / "none.db", read_only=True)
    with pytest.raises(StorageError, match="folder"):
        Database(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_ids_are_of_their_namespace(where: str) -> None:
    database = Database(where)
    one, two = Store(database, Namespace(robot="one")), Store(database, Namespace(robot="two"))
    with one.writing() as change:
        mine = add_node(change, "mug", time=0.0)
    with two.reading() as view:
        assert get_nodes(view, [mine]) == {}
        assert search_words(view, "node", "mug") == []
    database.close()


def test_a_memory_in_memory_is_shared_by_threads() -> None:
    store = Store(Database(":memory:"), Namespace())

    def work(number: int) -> int:
        with store.reading() as view:
            find_nodes(view)
        with store.writing() as change:
            add_node(change, f"thing {number}", time=0.0)
            return change.seq

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(work, range(64)))) == 64
    with store.reading() as view:
        assert len(find_nodes(view)) == 64


def test_no_statement_of_a_step_reads_a_whole_namespace(tmp_path: Path) -> None:
    with LifelongMemory(tmp_path / "memory.db", encoder="hash") as memory:
        statements: dict[str, Any] = {}

        @event.listens_for(memory.database.engine, "before_cursor_execute")
        def note(_: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
            statements[statement] = parameters[0] if rest[-1] else parameters

        for step in range(6):
            pose = Pose((4.0 * step, 0.0, 0.0))
            cup = Sighting(
                "cup", key="cup", pose=pose, facts=(("on", f"table {step % 2}"),), attributes={"n": str(step)}
            )
            plate = Sighting("plate", pose=pose, facts=(("on", "table 0"),))
            seen = Observation(60.0 * step, f"Step {step}.", (cup, plate), complete_for=("table 1",))
            memory.observe(seen, ["where is the cup?"])
            memory.recall(["where is the cup?", "something else"])
        memory.as_of(100.0).recall(["where is the cup?"])
        memory.facts(memory.entities("cup")[0].id)
        event.remove(memory.database.engine, "before_cursor_execute", note)
        with memory.database.reading() as connection:
            for statement, parameters in statements.items():
                if statement.split()[0] in ("SELECT", "UPDATE", "DELETE"):
                    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                    for *_, told in plan:
                        whole = told.endswith("(namespace_id=?)") or (
                            told.startswith("SCAN ")
                            and not {"words", "CONSTANT", "(subquery-1)", "near"} & set(told.split())
                        )
                        assert not whole or "relation" in told, (statement, told)
    assert len(statements) > 20


def test_texts_in_one_row_are_blind_to_each_other() -> None:
    encoder = minilm()
    assert isinstance(encoder, SentenceEncoder)
    assert encoder._packed is not None
    texts = ["where is the red mug?", "cup", "", "The left drawer sticks, so pull it hard and then lift it. " * 3]
    together = encoder.encode(texts)
    encoder._packed = None
    for text, vector in zip(texts, together, strict=True):
        assert float(encoder.encode([text])[0] @ vector) > 0.998
    long = ["a very long story about a kitchen " * 100] * 3
    assert encoder.encode(long).shape == (3, 384)
