"""Observations are written in their order, off the thread that brings them, and none is lost without a word."""

import io
import threading

import pytest
from PIL import Image

from robomem.deploy.remembering import MemoryWriter, PictureFolder
from robomem.errors import DataError, StorageError
from robomem.lifelong import LifelongMemory, Observation, Receipt, Sighting

PATIENCE_S = 30.0


class Gate:
    """A memory that waits to be let on, or fails."""

    def __init__(self, failures=()):
        self.open, self.seen, self.failures, self.reached = threading.Event(), [], list(failures), threading.Event()
        self.database = self

    def size_bytes(self):
        return 4096

    def observe(self, observation):
        self.reached.set()
        assert self.open.wait(PATIENCE_S)
        if self.failures:
            raise self.failures.pop(0)
        self.seen.append(observation)
        return Receipt(len(self.seen), late=("temporal",))


def step(number, **fields):
    return Observation(float(number), f"step {number}", **fields)


def test_nobody_waits_for_a_slow_memory_and_what_finds_no_room_is_counted():
    memory, reports = Gate(), []
    writer = MemoryWriter(memory, reports.append, capacity=3)
    taken = [writer.put(step(number), number) for number in range(5)]
    assert taken == [True, True, True, False, False]
    assert (writer.state().queued, writer.state().dropped) == (3, 2)
    memory.open.set()
    assert writer.close(PATIENCE_S) == 0
    assert [one.time for one in memory.seen] == [0.0, 1.0, 2.0]
    assert [(one.token, one.receipt.observation) for one in reports] == [(0, 1), (1, 2), (2, 3)]
    state = writer.state()
    assert (state.queued, state.written, state.late, state.size_bytes) == (0, 3, {"temporal": 3}, 4096)
    assert not writer.put(step(9))  # it is closed


def test_a_memory_that_cannot_be_written_is_tried_again():
    memory, written = Gate([StorageError("locked"), StorageError("full")]), threading.Semaphore(0)
    memory.open.set()
    writer = MemoryWriter(memory, lambda report: written.release(), retry_s=0.001)
    for number in range(3):
        writer.put(step(number))
    assert all(written.acquire(timeout=PATIENCE_S) for _ in range(3))
    assert [one.time for one in memory.seen] == [0.0, 1.0, 2.0]
    assert writer.state().trouble == ""
    assert writer.close(PATIENCE_S) == 0


def test_a_bad_observation_is_reported_and_the_next_one_is_written():
    memory, reports = Gate([DataError("no such thing"), RuntimeError("a defect")]), []
    memory.open.set()
    writer = MemoryWriter(memory, reports.append)
    for number in range(3):
        writer.put(step(number))
    assert writer.close(PATIENCE_S) == 0
    assert [one.trouble for one in reports] == ["no such thing", "RuntimeError: a defect", ""]
    assert (writer.state().written, writer.state().refused) == (1, 2)


def test_whoever_fails_to_be_told_does_not_end_the_writing():
    memory = Gate()
    memory.open.set()

    def deaf(report):
        raise RuntimeError("nobody is there")

    writer = MemoryWriter(memory, deaf)
    for number in range(3):
        writer.put(step(number))
    assert writer.close(PATIENCE_S) == 0
    assert len(memory.seen) == 3


def test_closing_a_memory_that_stays_locked_ends_and_says_how_much_is_lost():
    memory, reports = Gate([StorageError("locked")] * 100), []
    memory.open.set()
    writer = MemoryWriter(memory, reports.append, retry_s=1000.0)
    for number in range(5):
        writer.put(step(number))
    assert memory.reached.wait(PATIENCE_S)
    assert writer.close(PATIENCE_S) == 5
    assert [one.receipt for one in reports] == [None] * 5


def test_closing_does_not_wait_for_ever():
    memory, reports = Gate(), []
    writer = MemoryWriter(memory, reports.append)
    for number in range(3):
        writer.put(step(number))
    assert memory.reached.wait(PATIENCE_S)
    assert writer.close(0.01) == 3
    memory.open.set()
    writer._thread.join(PATIENCE_S)
    assert len(memory.seen) == 1  # that was under way; the others are given up, as was said


def test_a_clock_that_runs_back_is_counted_and_its_facts_are_of_then(tmp_path):
    with LifelongMemory(tmp_path / "m.db", encoder="hash") as memory:
        writer = MemoryWriter(memory, lambda report: None)
        for time, place in ((10.0, "shelf"), (20.0, "table"), (15.0, "floor")):
            writer.put(Observation(time, sightings=(Sighting("cup", key="cup", facts=(("on", place),)),)))
        assert writer.close(PATIENCE_S) == 0
        assert (writer.state().written, writer.state().backwards) == (3, 1)
        assert writer.state().p95_ms > 0
        (cup,) = memory.entities("cup")
        assert [fact.object_name for fact in memory.facts(cup.id)] == ["table"]
        assert [fact.object_name for fact in memory.as_of(17.0).facts(cup.id)] == ["floor"]


def picture():
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(("content", "kept"), [(picture(), 1), (b"noise", 0)])
def test_an_observation_is_worth_more_than_its_picture(tmp_path, content, kept):
    memory, reports = Gate(), []
    memory.open.set()
    writer = MemoryWriter(memory, reports.append, pictures=PictureFolder(tmp_path))
    writer.put(step(1), picture=content)
    assert writer.close(PATIENCE_S) == 0
    (seen,) = memory.seen
    assert [str(file) for file in tmp_path.iterdir()] == ([seen.media] if kept else [])
    assert bool(reports[0].trouble) == (not kept)
    assert (writer.state().pictures, writer.state().pictures_lost) == (kept, 1 - kept)
