"""What an attempt teaches, and how a new item changes what is known."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_memory import ENCODER, World, attempt, ended, seen

from robomem.errors import ConfigError, DataError
from robomem.lifelong.experience import Candidate, lessons
from robomem.lifelong.polarity import contradict, normal, numbers
from robomem.lifelong.records import Item, Source, Trust
from robomem.lifelong.roles import Decision, Draft
from robomem.lifelong.semantic import SIMILAR, SemanticMemory
from robomem.lifelong.settling import settle
from robomem.lifelong.store.items import get_items, read_items, sources_of_item
from robomem.lifelong.store.transaction import NOW, When
from robomem.text import CachedEncoder


def said(text: str, trust: Trust = Trust.SENSOR, kind: str = "action", time: float = 1.0) -> Candidate:
    return Candidate(Draft(kind, text), Source(trust=trust), time)


def learn(world: World, memory: SemanticMemory, *candidates: Candidate):
    with world.store.reading() as view:
        proposal = memory.consider(view, candidates)
    with world.store.writing() as change:
        return settle(change, proposal)


def known(world: World, when: When = NOW) -> list[str]:
    with world.store.reading(when) as view:
        return [one.text for one in read_items(view, kinds=["action", "task", "preference"])]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def memory(world: World) -> SemanticMemory:
    return SemanticMemory(world.index, world.encoder)


class Updater:
    """Answers what it is given, an answer or a function of what it is asked."""

    def __init__(self, answer) -> None:
        self.answer, self.asked = answer, []

    def decide(self, draft, similar):
        self.asked.append((draft, similar))
        return self.answer(draft, similar) if callable(self.answer) else self.answer


class Creator:
    model = "some model"

    def __init__(self, answer) -> None:
        self.answer = answer

    def drafts(self, task, steps, outcome):
        return self.answer


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        ("the left drawer sticks", "The left drawer no longer sticks.", True),
        ("the left drawer sticks", "the left drawer does not stick", True),
        ("the left drawer sticks", "the right drawer no longer sticks", False),
        ("the left drawer sticks", "the left drawer still sticks", False),
        ("anna likes tea", "anna dislikes tea", True),
        ("anna likes tea", "Anna doesn’t like tea anymore", True),
        ("anna dislikes tea", "anna does not dislike tea", True),
        ("anna likes tea", "bob dislikes tea", False),
        ("anna likes tea", "anna loves tea", False),
        ("the fridge is open", "the fridge is closed", True),
        ("not", "", False),
        ("", "", False),
    ],
)
def test_contradictions_are_of_the_same_thing(one, other, against) -> None:
    assert contradict(one, other) is against
    assert contradict(other, one) is against


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_no_text_contradicts_itself(text) -> None:
    assert not contradict(text, text)
    assert normal(normal(text)) == normal(text)
    assert numbers(text) == numbers(text)


def test_a_new_item_is_added_a_known_one_used_a_contradicted_one_replaced(world, memory) -> None:
    _, (first,) = learn(world, memory, said("the left drawer sticks"))
    changes, (again,) = learn(world, memory, said("The left drawer  sticks!"))
    assert (again, changes.added) == (first, ())
    changes, (third,) = learn(world, memory, said("the left drawer no longer sticks"))
    assert (changes.added, changes.ended) == ((third,), (first,))
    learn(world, memory, said("the right drawer sticks"))
    assert known(world) == ["the left drawer no longer sticks", "the right drawer sticks"]
    with world.store.reading() as view:
        old, new = (get_items(view, [first, third])[id] for id in (first, third))
        assert (old.superseded_by, old.uses, new.uses) == (third, 1, 1)
        assert len(sources_of_item(view, first)) == 2
    assert known(world, When(None, old.recorded_at)) == ["the left drawer sticks"]


def test_numbers_tell_things_apart(world, memory) -> None:
    long = "the drawer of the white cupboard beside the old fridge in the kitchen sticks when pulled, number"
    learn(world, memory, said(f"{long} 1"), said(f"{long} 2"))
    assert len(known(world)) == 2


SUBJECTS = ["the left drawer", "the right drawer", "the fridge door"]
CLAIMS = st.lists(st.tuples(st.sampled_from(SUBJECTS), st.booleans(), st.sampled_from(list(Trust))), max_size=14)


@settings(max_examples=60, deadline=None)
@given(CLAIMS, st.integers(1, 3))
def test_what_is_believed_is_what_was_last_said_with_most_trust(claims, at_once) -> None:
    world = World()
    memory = SemanticMemory(world.index, world.encoder)
    book: dict[str, list[tuple[bool, Trust]]] = {subject: [] for subject in SUBJECTS}
    for start in range(0, len(claims), at_once):
        some = claims[start : start + at_once]
        texts = [f"{subject} {'sticks' if so else 'no longer sticks'}" for subject, so, _ in some]
        learn(world, memory, *(said(text, trust) for text, (_, _, trust) in zip(texts, some)))
        for subject, so, trust in some:
            held = book[subject]
            same = [one for one in held if one[0] == so]
            if same:
                best = max(same, key=lambda one: one[1])
                if best[1] < trust:
                    held[held.index(best)] = (so, trust)
                continue
            against = [one for one in held if one[1] <= trust]
            if against:
                held.remove(against[0])
            held.append((so, trust))
    with world.store.reading() as view:
        items = read_items(view, kinds=["action"])
    for subject in SUBJECTS:
        there = sorted(("no longer" not in one.text, one.trust) for one in items if one.text.startswith(subject))
        assert there == sorted(book[subject]), claims


def test_less_trust_changes_nothing_and_is_not_found(world) -> None:
    memory = SemanticMemory(world.index, world.encoder, 1)
    _, (owner,) = learn(world, memory, said("anna likes tea", Trust.USER, "preference"))
    changes, _ = learn(world, memory, said("anna dislikes tea", Trust.LOW, "preference"))
    assert "LOW may not update" in changes.notes[0]
    assert [one.text for one in world.recall(memory, "anna dislikes tea")] == ["anna likes tea"]
    asked_for = world.recall(memory, "anna dislikes tea", lowest_trust=Trust.LOW)
    assert {one.text for one in asked_for} == {"anna likes tea", "anna dislikes tea"}
    learn(world, memory, said("anna likes tea", Trust.LOW, "preference"))
    with world.store.reading() as view:
        assert get_items(view, [owner])[owner].uses == 0


def test_what_anybody_said_is_believed_once_the_robot_saw_it(world, memory) -> None:
    learn(world, memory, said("the left drawer sticks", Trust.LOW))
    assert world.recall(memory, "left drawer") == ()
    learn(world, memory, said("the left drawer sticks", Trust.SENSOR))
    assert [one.trust for one in world.recall(memory, "left drawer")] == [Trust.SENSOR]


def test_an_attempt_teaches_of_actions_and_of_its_task() -> None:
    one = attempt(
        "fetch the mug",
        "!pick up the mug: it is not in reach",
        "!pick up the mug: It is not in reach.",
        "open the drawer",
        "wave",
        "pick up the mug",
        "pick up the mug",
    )
    assert [(lesson.draft.kind, lesson.draft.text) for lesson in lessons(one)] == [
        ("action", "pick up the mug failed 2 times: It is not in reach"),
        ("action", "to pick up the mug, open the drawer first"),
        ("task", "fetch the mug: solved by open the drawer; wave; pick up the mug"),
    ]
    failed = attempt("fetch the mug", "!open the door: locked", outcome="failure")
    assert [lesson.draft.text for lesson in lessons(failed)] == ["open the door failed 1 time: locked"]
    assert lessons(attempt("fetch", outcome="failure")) == []


def test_a_lesson_learnt_again_is_one_item_that_says_the_larger_count(world, memory) -> None:
    once, twice = (attempt("fetch", *["!open the door: locked"] * times, outcome="failure") for times in (1, 2))
    world.take(memory, ended(once))
    world.take(memory, ended(twice))
    world.take(memory, ended(once))
    assert known(world) == ["open the door failed 2 times: locked"]
    item = world.recall(memory, "open the door")[0]
    assert item.uses == 1


def test_recall_has_its_own_number_for_each_kind(world) -> None:
    memory = SemanticMemory(world.index, world.encoder, 2, 1, top_preference=3)
    for kind in ("action", "task", "preference"):
        learn(world, memory, *(said(f"{kind} tea number {number}", kind=kind) for number in range(5)))
    kinds = [one.kind for one in world.recall(memory, "tea")]
    assert kinds == ["action"] * 2 + ["task"] + ["preference"] * 3
    both = world.recall(memory, "action tea number 1", "action tea number 3")
    assert len({one.id for one in both}) == len(both)
    with pytest.raises(ConfigError):
        SemanticMemory(world.index, world.encoder, -1)


def test_steps_that_end_no_attempt_teach_nothing(world, memory) -> None:
    world.take(memory, seen("opened the drawer"))
    world.take(memory, seen("opened the drawer"), rules=True)
    assert known(world) == []


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "ADD",
        Decision("burn", 1),
        Decision("update", 999),
        Decision("update", None),
        Decision("remove", "1; DROP TABLE item"),
        Decision("remove", True),
        Decision("noop", -5),
        Decision(["add"], 1),
        {"what": "remove", "id": 1},
    ],
)
def test_an_updater_that_answers_nonsense_changes_nothing_that_rules_would_not(world, answer) -> None:
    memory = SemanticMemory(world.index, world.encoder, updater=Updater(answer))
    with world.store.writing():
        pass
    learn(world, SemanticMemory(world.index, world.encoder), said("the left drawer sticks"))
    changes, _ = learn(world, memory, said("the stove is hot"))
    assert known(world) == ["the left drawer sticks", "the stove is hot"]
    assert "rules decided" in changes.notes[0]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_an_updater_answers_more_trusted_items_stay_and_nothing_is_lost(data) -> None:
    world = World()
    rules = SemanticMemory(world.index, world.encoder)
    learn(world, rules, *(said(f"anna likes {drink}", Trust.USER) for drink in ("tea", "milk", "water")))
    answers = st.builds(
        Decision,
        st.sampled_from(["add", "update", "remove", "noop", "burn", None]),
        st.one_of(st.integers(-1, 9), st.none(), st.text(max_size=3)),
        st.sampled_from(["", "anna hates everything", "\x00", "\ud800x", "z" * 30_000, None, 5]),
    )
    hostile = Updater(lambda draft, similar: data.draw(answers))
    memory = SemanticMemory(world.index, world.encoder, updater=hostile)
    for number in range(data.draw(st.integers(1, 4))):
        trust = data.draw(st.sampled_from([Trust.LOW, Trust.MODEL, Trust.SENSOR]))
        learn(world, memory, said(f"the cup number {number} is blue", trust))
        with world.store.reading() as view:
            items = read_items(view)
        owners = sorted(one.text for one in items if one.trust == Trust.USER)
        assert owners == ["anna likes milk", "anna likes tea", "anna likes water"]
        assert all(0 < len(one.text) <= 20_000 and one.text.isprintable() for one in items)


def test_an_updater_sees_the_ten_most_like_and_its_own_words_are_a_models(world) -> None:
    rules = SemanticMemory(world.index, world.encoder)
    learn(world, rules, *(said(f"the drawer {number} sticks", Trust.MODEL) for number in range(15)))
    updater = Updater(lambda draft, similar: Decision("update", similar[0].id, "drawers 3 and 99 stick"))
    memory = SemanticMemory(world.index, world.encoder, updater=updater)
    learn(world, memory, said("the drawer 3 sticks badly", Trust.USER))
    draft, similar = updater.asked[0]
    assert (draft.text, len(similar)) == ("the drawer 3 sticks badly", SIMILAR)
    assert all(isinstance(one, Item) and one.kind == "action" for one in similar)
    assert [one.score for one in similar] == sorted((one.score for one in similar), reverse=True)
    found = world.recall(memory, "drawers 3 and 99 stick")[0]
    assert (found.text, found.trust) == ("drawers 3 and 99 stick", Trust.MODEL)


def test_an_updater_may_remove_what_it_has_the_trust_for(world) -> None:
    _, (id,) = learn(world, SemanticMemory(world.index, world.encoder), said("the lamp is broken"))
    remover = SemanticMemory(world.index, world.encoder, updater=Updater(Decision("remove", id)))
    changes, _ = learn(world, remover, said("the lamp shines", Trust.MODEL))
    assert "may not remove" in changes.notes[0]
    changes, _ = learn(world, remover, said("the lamp shines"))
    assert changes.ended == (id,)
    assert known(world) == []


def test_a_decision_that_came_too_late_does_no_harm(world, memory) -> None:
    learn(world, memory, said("the left drawer sticks"))
    with world.store.reading() as view:
        late = memory.consider(view, [said("the left drawer no longer sticks")])
        same = memory.consider(view, [said("the stove is hot")])
    learn(world, memory, said("the left drawer no longer sticks"), said("the stove is hot"))
    with world.store.writing() as change:
        settle(change, late)
        settle(change, same)
    assert known(world) == ["the left drawer no longer sticks", "the stove is hot"]


def test_what_was_written_since_the_decision_is_contradicted_all_the_same(world, memory) -> None:
    with world.store.reading() as view:
        late = memory.consider(view, [said("the left drawer no longer sticks")])
    learn(world, memory, said("the left drawer sticks"))
    with world.store.writing() as change:
        settle(change, late)
    assert known(world) == ["the left drawer no longer sticks"]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ([Draft("action", "pull hard"), Draft("episode", "no"), Draft("task", "\x00"), 7, None], ["pull hard"]),
        ([Draft("action", "x" * 30_000), Draft("task", None), "text"], []),
        ([], []),
        (None, ["open the door failed 1 time: locked"]),
        ("a text", ["open the door failed 1 time: locked"]),
        (Decision("add"), ["open the door failed 1 time: locked"]),
    ],
)
def test_a_creator_that_answers_nonsense(world, answer, kept) -> None:
    memory = SemanticMemory(world.index, world.encoder, creator=Creator(answer))
    changes = world.take(memory, ended(attempt("fetch", "!open the door: locked", outcome="failure")))
    assert known(world) == kept
    assert bool(changes.notes) == (answer != [])


def test_what_a_model_drew_is_trusted_as_a_models(world) -> None:
    memory = SemanticMemory(world.index, world.encoder, creator=Creator([Draft("task", "pull hard")]))
    world.take(memory, ended(attempt(source=Source(trust=Trust.USER))))
    item = world.recall(memory, "pull")[0]
    assert item.trust == Trust.MODEL
    with world.store.reading() as view:
        assert sources_of_item(view, item.id)[0]["model"] == "some model"


def test_fallback_needs_neither_model_nor_encoder(world) -> None:
    class Broken:
        name, dimensions = "broken", ENCODER.dimensions

        def encode(self, texts):
            raise OSError("no route")

    def asked(*_):
        raise RuntimeError("no model")

    memory = SemanticMemory(
        world.index, CachedEncoder(Broken()), updater=Updater(asked), creator=Creator([Draft("task", "x")])
    )
    step = ended(attempt("fetch", "!open the door: locked", outcome="failure"))
    for _ in range(2):
        changes = world.take(memory, step, rules=True)
    assert "words only" in changes.notes[0]
    assert known(world) == ["open the door failed 1 time: locked"]
    with pytest.raises(RuntimeError):
        world.take(memory, step)


@pytest.mark.parametrize("text", ["", "\x00", "x" * 20_001, "\ud800"])
def test_texts_that_say_nothing_are_refused(text) -> None:
    with pytest.raises(DataError):
        said(text)
