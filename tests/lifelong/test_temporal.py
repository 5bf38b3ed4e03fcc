"""The working buffer against a list; what it forgets stays in the past."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_memory import Clock, World, asked, attempt, ended, seen

from robomem.errors import ConfigError
from robomem.lifelong.store.steps import working_steps
from robomem.lifelong.store.transaction import When
from robomem.lifelong.store.words import search_words
from robomem.lifelong.temporal import RuleCompressor, TemporalMemory

WORDS = st.sampled_from(["opened the drawer", "picked up the mug", "open failed: stuck", "went to the sink"])


class Joining:
    """Compresses so that a test can say what was in it."""

    def compress(self, texts):
        return "[" + "|".join(texts) + "]"


class Answering:
    def __init__(self, answer):
        self.answer = answer

    def compress(self, texts):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 6).flatmap(lambda capacity: st.tuples(st.just(capacity), st.integers(2, capacity))),
    st.lists(st.one_of(WORDS, st.just("begin"), st.just(""))),
)
def test_the_buffer_is_a_list_whose_oldest_become_one_at_the_front(sizes, steps) -> None:
    capacity, fold = sizes
    world = World()
    memory = TemporalMemory(capacity, Joining(), fold=fold)
    expected: list[str] = []
    past: list[tuple[float, tuple[str, ...]]] = []
    for number, text in enumerate(steps):
        if text == "begin":
            expected = []
            with world.store.writing() as change:
                memory.begin_episode(change)
        else:
            if text:
                if len(expected) == capacity:
                    expected = ["[" + "|".join(expected[:fold]) + "]", *expected[fold:]]
                expected.append(text)
            world.take(memory, seen(text, float(number)))
        assert world.recall(memory) == tuple(expected)
        past.append((world.clock.now, tuple(expected)))
    for known, there in past:
        assert world.recall(memory, when=When(None, known)) == there


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=60)), st.integers(60, 300))
def test_rules_never_answer_more_than_their_limit(texts, limit) -> None:
    shorter = RuleCompressor(limit).compress(texts)
    assert len(shorter) <= limit
    assert shorter == RuleCompressor(limit).compress(texts)


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=200), st.integers(1, 9))
def test_rules_lose_count_of_nothing_however_often_they_compress(texts, several) -> None:
    rules = RuleCompressor(60)
    shorter = ""
    for start in range(0, len(texts), several):
        shorter = rules.compress([*([shorter] if shorter else []), *texts[start : start + several]])
    counted = 0
    for part in shorter.split("; "):
        dropped, repeated = re.match(r"\((\d+) earlier", part), re.search(r"\(x(\d+)\)$", part)
        counted += int((dropped or repeated)[1]) if dropped or repeated else 1
    assert counted == len(texts)


def test_rules_keep_failures_before_what_went_well() -> None:
    done = [f"walked past the shelf number {number} of the long corridor" for number in range(30)]
    shorter = RuleCompressor(200).compress([*done[:15], "opening the fridge failed: it is locked", *done[15:]])
    assert "opening the fridge failed: it is locked" in shorter
    assert "earlier left out" in shorter


@pytest.mark.parametrize("answer", [None, "", "\x00\x07", 7, ["a"], object(), b"bytes"])
def test_a_compressor_that_answers_nonsense_is_replaced_by_rules(answer) -> None:
    world = World()
    memory = TemporalMemory(2, Answering(answer))
    for number in range(3):
        changes = world.take(memory, seen(f"step {number}", float(number)))
    assert world.recall(memory) == ("step 0; step 1", "step 2")
    assert "rules compressed instead" in changes.notes[0]


def test_a_huge_answer_with_control_signs_is_cut_and_cleaned() -> None:
    world = World()
    memory = TemporalMemory(2, Answering("\x00a\ud800" + "b" * 100_000))
    for number in range(3):
        world.take(memory, seen(f"step {number}", float(number)))
    first, last = world.recall(memory)
    assert first.startswith("ab")
    assert len(first) == 20_000
    assert last == "step 2"


def test_fallback_asks_nobody() -> None:
    world = World()
    memory = TemporalMemory(2, Answering(RuntimeError("no model")))
    for number in range(5):
        world.take(memory, seen(f"step {number}", float(number)), rules=True)
    assert world.recall(memory) == ("step 0; step 1; step 2; step 3", "step 4")
    with world.store.reading() as view, pytest.raises(RuntimeError):
        memory.propose(view, seen("another"))


def test_a_proposal_that_is_too_old_is_made_anew() -> None:
    world = World()
    memory = TemporalMemory(2, Answering("everything"))
    for number in range(2):
        world.take(memory, seen(f"step {number}"))
    with world.store.reading() as view:
        old = memory.propose(view, seen("mine"))
    world.take(memory, seen("theirs"))
    with world.store.writing() as change:
        changes = memory.apply(change, 1, seen("mine"), old)
    assert world.recall(memory) == ("everything; theirs", "mine")
    assert "others wrote" in changes.notes[0]


def test_a_step_without_a_summary_is_its_action_and_the_end_of_an_attempt_is_no_step() -> None:
    world = World()
    memory = TemporalMemory()
    world.take(memory, seen(action="open the drawer", success=False))
    world.take(memory, seen("\x00"))
    world.take(memory, ended(attempt()))
    assert world.recall(memory) == ("open the drawer: failed",)


def test_a_new_episode_empties_the_buffer_only_where_it_is_kept_per_episode() -> None:
    for per_episode, left in ((True, ()), (False, ("one",))):
        world = World()
        memory = TemporalMemory(per_episode=per_episode)
        world.take(memory, seen("one"))
        with world.store.writing() as change:
            memory.begin_episode(change)
        assert world.recall(memory) == left
        with world.store.reading() as view:
            assert len(search_words(view, "step", "one")) == 1
            assert len(working_steps(view)) == len(left)


@pytest.mark.parametrize(("capacity", "fold"), [(1, None), (0, None), (4, 1), (4, 5), (-3, None)])
def test_sizes_that_cannot_be_are_refused(capacity, fold) -> None:
    with pytest.raises(ConfigError):
        TemporalMemory(capacity, fold=fold)


def test_queries_do_not_matter() -> None:
    world = World(clock=Clock(5.0))
    memory = TemporalMemory()
    world.take(memory, seen("one"))
    with world.store.reading() as view:
        assert memory.recall(view, asked("anything")) == ("one",)
