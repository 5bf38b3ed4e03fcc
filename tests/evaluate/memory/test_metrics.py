"""The reader and the counts on cases made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robomem.evaluate.memory import VARIANTS, Answer, Beliefs, Question, Statement, World
from robomem.evaluate.memory.contradictions import Endings, compare_endings, owners, should_end
from robomem.evaluate.memory.identity import count_pairs
from robomem.evaluate.memory.play import Asked, Played
from robomem.evaluate.memory.questions import Form
from robomem.evaluate.memory.reader import read
from robomem.evaluate.memory.score import score
from robomem.evaluate.memory.statement import WHOLE, statements_of
from robomem.evaluate.memory.world import Emitted, Place, Said, Thing
from robomem.lifelong import Observation, Sighting, Source, Triple, Trust

UNKNOWN = Answer()


def on(place: str, time: float, **more: object) -> Statement:
    return replace(Statement(("mug", "cup"), "on", place, time, time), **more)  # type: ignore[arg-type]


def asks(form: Form = "where", time: float | None = None, truth: Answer = UNKNOWN, **more: object) -> Question:
    return Question("moved", form, "Where is the cup?", "cup", truth, time=time, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ([on("desk", 1.0), on("bed", 2.0)], "bed"),
        ([on("desk", 1.0), on("bed", 2.0, disputed=True)], "desk"),
        ([on("desk", 1.0), on("bed", 2.0, trust=Trust.LOW)], "desk"),
        ([on("bed", 2.0, trust=Trust.LOW)], "bed"),
        ([on("desk", 1.0), on("bed", 2.0, until=3.0)], "desk"),
        ([on("desk", 1.0), Statement(("desk",), WHOLE, "", 2.0, 2.0)], ""),
        ([on("desk", 2.0), Statement(("desk",), WHOLE, "", 1.0, 1.0)], "desk"),
        ([Statement(("red cup",), "on", "desk", 1.0, 1.0), Statement(("cup",), "colour", "red", 1.0, 1.0)], ""),
        ([], ""),
    ],
)
def test_the_newest_that_holds_and_is_believed_wins(told: list[Statement], place: str) -> None:
    assert read(asks(), told).places == ({place} if place else set())
    assert read(asks(), told[::-1]).places == ({place} if place else set())


def test_the_reader_reads_times_twins_sightings_and_preferences() -> None:
    told = [on("desk", 1.0, until=3.0), on("bed", 3.0)]
    assert read(asks("where at", 2.0), told).places == {"desk"}
    assert read(asks("where at", 0.5), told).abstains
    twins = [on("desk", 1.0, entity=1), on("bed", 2.0, entity=2), on("sofa", 3.0, entity=2)]
    assert read(asks("where all"), twins).places == {"desk", "sofa"}
    assert read(asks("where all"), [replace(one, entity=None) for one in twins]).places == {"desk", "bed", "sofa"}
    seen = read(asks("last seen"), [on("desk", 1.0), on("bed", 2.0, trust=Trust.USER)])
    assert (seen.places, seen.time) == ({"desk"}, 1.0)
    liked = replace(asks("value"), name="Anna", relation="favourite drink")
    said = Observation(1.0, "Anna's favourite drink is tea.", source=Source("Anna", Trust.USER))
    told = Observation(2.0, triples=(Triple("Anna", "favourite drink", value="cocoa"),))
    assert read(liked, statements_of(said)).value == "tea"
    assert read(liked, [*statements_of(said), *statements_of(told)]).value == "cocoa"
    assert read(liked, [on("desk", 1.0)]).abstains


LABELS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "a", "b", "c"])), max_size=12)


@given(LABELS)
def test_pairs_are_counted_as_one_by_one(labels: list[tuple[int, str]]) -> None:
    found = count_pairs([one for one, _ in labels], [thing for _, thing in labels])
    kept = [label for label in labels if label[1]]
    pairs = [(a, b) for index, a in enumerate(kept) for b in kept[:index]]
    assert found.same == sum(a[1] == b[1] for a, b in pairs)
    assert found.taken == sum(a[0] == b[0] for a, b in pairs)
    assert found.both == sum(a == b for a, b in pairs)


def small_world() -> World:
    """A mug goes from desk to bed at 10; a hat stays on the desk; two spoons on the bed. Seen at 5 and at 20."""
    places = {name: Place(name, "room", "on", (0.0, 0.0, 0.0)) for name in ("desk", "bed")}
    things = {
        "m": Thing("m", "mug", "mug"),
        "h": Thing("h", "hat", "hat"),
        "s": Thing("s", "spoon", "spoon", twin=True),
        "t": Thing("t", "spoon", "spoon", twin=True),
    }
    track = {"m": [(0.0, "desk"), (10.0, "bed")], "h": [(0.0, "desk")], "s": [(0.0, "bed")], "t": [(0.0, "bed")]}
    world = World(VARIANTS["standard"], 0, places, things, track, start=0.0, end=30.0)
    world.preferences = {("Anna", "favourite drink"): [(1.0, "tea"), (9.0, "cocoa")]}
    early = (Said("m", "desk", "seen"), Said("h", "desk", "seen"))
    world.emitted = [
        Emitted(Observation(5.0), ("m", "h"), early, "desk"),
        Emitted(Observation(20.0), ("h",), early[1:], "desk"),
    ]
    return world


def test_contradictions_are_counted() -> None:
    world = small_world()
    assert should_end(world) == {("m", "desk"), ("Anna favourite drink", "tea")}

    def mug(until: float | None) -> Statement:
        return Statement(("mug",), "on", "desk", 5.0, 5.0, until)

    def hat(until: float | None) -> Statement:
        return Statement(("hat",), "on", "desk", 5.0, 5.0, until)

    tea = Statement(("Anna",), "favourite drink", "tea", 1.0, 1.0, 9.0)
    never = Statement(("sock",), "on", "desk", 1.0, 1.0, 2.0)
    furniture = Statement(("desk",), "in", "bed", 1.0, 1.0, 2.0)
    assert compare_endings(world, None, {}) == Endings(due=2)
    held = compare_endings(world, Beliefs((mug(None), hat(None)), (tea,)), {})
    assert held == Endings(2, 1, 1, 1), "the mug on the desk should have ended"
    best = compare_endings(world, Beliefs((hat(None),), (mug(20.0), tea, never, furniture)), {})
    assert best == Endings(2, 2, 3, 3), "what never was may end; furniture is not judged"
    early = compare_endings(world, Beliefs((), (mug(6.0), hat(20.0), tea)), {})
    assert early == Endings(2, 2, 3, 1), "the mug was still there at 6, and the hat is still there"


@pytest.mark.parametrize(
    ("time", "place", "how", "due"),
    [
        (20.0, "bed", "seen", True),
        (20.0, "bed", "user", True),
        (20.0, "bed", "stranger", False),
        (20.0, "bed", "mislabelled", False),
        (20.0, "sofa", "user", False),
        (2.0, "bed", "seen", False),
    ],
)
def test_a_claim_should_end_where_good_and_later_evidence_says_otherwise(
    time: float, place: str, how: str, due: bool
) -> None:
    world = small_world()
    world.preferences = {}
    world.emitted = [
        Emitted(Observation(5.0), ("m",), (Said("m", "desk", "seen"),)),
        Emitted(Observation(time), ("m",), (Said("m", place, how),)),
    ]
    assert (("m", "desk") in should_end(world)) is due


def test_of_twins_the_one_most_seen_as_an_entity_is_meant() -> None:
    world = small_world()
    world.track["s"] = [(0.0, "bed"), (10.0, "desk")]
    owner = owners([1, 1, 2, 1, 3], ["s", "s", "t", "t", ""])
    assert owner == {1: "s", 2: "t"}
    spoons = [Statement(("spoon",), "on", "bed", 5.0, 5.0, 20.0, entity=entity) for entity in (1, 2)]
    assert compare_endings(world, Beliefs((), tuple(spoons)), owner).rightly == 1


def test_scores_of_answers_made_by_hand() -> None:
    known = asks(truth=Answer(frozenset(("bed",))), stale=frozenset(("desk",)), needed=((("mug", "cup"), "bed"),))
    unknown = asks(stale=frozenset(("desk",)))
    asked = (
        Asked(known, Answer(frozenset(("bed",))), (6,), 100, 0.001),
        Asked(known, Answer(frozenset(("desk",))), (None,), 200, 0.003),
        Asked(known, Answer(), (0,), 0, 0.002),
        Asked(unknown, Answer(), (), 0, 0.002),
    )
    pairs = count_pairs([1, 1, 2], ["a", "a", "a"])
    found = score([Played(asked, Endings(4, 1, 2, 2), pairs, 10, (0.5, 1.5), 1000)])
    values = {name: rate.interval.value for name, rate in vars(found).items() if getattr(rate, "interval", None)}
    assert values == pytest.approx(
        {
            "accuracy": 0.5,
            "stale": 0.25,
            "abstained_rightly": 0.5,
            "abstained_where_due": 1.0,
            "ended_rightly": 1.0,
            "ended_where_due": 0.25,
            "same_precision": 1.0,
            "same_recall": 1 / 3,
            "characters": 75.0,
        }
    )
    assert [found.recall[k].interval.value for k in (5, 10, 40)] == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    assert (found.cost.write_s[0], found.cost.bytes_per_step) == (1.0, 100.0)
    assert found.kinds["twins"].interval is None


def test_a_time_may_be_off_by_a_second_and_no_more() -> None:
    question = asks("last seen", truth=Answer(frozenset(("bed",)), time=100.0))
    for time, right in ((100.5, True), (102.0, False), (None, False)):
        assert Asked(question, Answer(frozenset(("bed",)), time=time), (), 0, 0.0).right is right


def test_observations_as_statements() -> None:
    seen = Observation(
        3.0,
        "I looked at the desk.",
        (Sighting("mug", facts=(("is_on", "desk"),), attributes={"color": "red"}),),
        complete_for=("desk",),
    )
    assert [one.text for one in statements_of(seen)] == ["mug on desk", "mug colour red", "desk seen whole"]
    told = Observation(3.0, "The mug is in the sink.", source=Source("Ben", Trust.LOW))
    assert [one.text for one in statements_of(told)] == ["mug in sink (told by a stranger)"]
