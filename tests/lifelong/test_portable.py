"""What was dumped and loaded elsewhere is dumped as it was."""

from robomem.lifelong.demo import START, kitchen_days
from robomem.lifelong.memory import LifelongMemory
from robomem.lifelong.portable import dump_records, write_jsonl
from robomem.lifelong.store.transaction import Store


def records(memory):
    with Store(memory.database, memory.namespace).reading() as view:
        return list(dump_records(view))


def test_a_memory_comes_back_as_it_was(tmp_path, where):
    now = START
    with LifelongMemory(tmp_path / "first.db", encoder="hash", clock=lambda: now) as first:
        for observation in kitchen_days():
            now = observation.time + 2
            first.observe(observation)
        given = records(first)
        with Store(first.database, first.namespace).reading() as view:
            write_jsonl(view, tmp_path / "first.jsonl")
    assert any(record["type"] == "step" and "compressed_into" in record for record in given)
    with LifelongMemory(where, encoder="hash") as second:
        second.load(tmp_path / "first.jsonl")
        assert records(second) == given
        loaded = second.load(tmp_path / "first.jsonl")
        assert loaded.added == {}
        assert records(second) == given
