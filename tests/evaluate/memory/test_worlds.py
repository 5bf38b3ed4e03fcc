"""The truth of generated worlds, against a plain replay of what happened in them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem.errors import ConfigError, UnknownNameError
from robomem.evaluate.memory import VARIANTS, Difficulty, World, find_variant, make_questions, make_world
from robomem.evaluate.memory.contradictions import should_end
from robomem.evaluate.memory.vocabulary import NEVER
from robomem.lifelong import Trust

SEEDS = st.integers(0, 10_000)
EXACT = Difficulty("exact", missed=0.0, mislabelled=0.0, miscoloured=0.0, pose_noise_m=0.0, whole=1.0)


def known(world: World, thing: str, time: float) -> bool:
    """Whether a thing was seen, or truly said by a resident to be, where it is at a time, since it came there."""
    came = max(when for when, _ in world.track[thing] if when <= time)
    here = replayed(world, time)[thing]
    said = [(one.observation.time, said) for one in world.emitted for said in one.said if said.thing == thing]
    return any(came <= when <= time and one.place == here and one.how in ("seen", "user") for when, one in said)


def replayed(world: World, time: float) -> dict[str, str]:
    """Where everything is at a time, by playing every move in order."""
    moves = sorted((when, id, place) for id, track in world.track.items() for when, place in track)
    now: dict[str, str] = {}
    for when, id, place in moves:
        if when <= time:
            now[id] = place
    return now


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.sampled_from(["standard", "hard"]))
def test_what_is_seen_is_there_and_equal_seeds_are_equal_worlds(seed: int, variant: str) -> None:
    world = make_world(seed, VARIANTS[variant])
    again = make_world(seed, VARIANTS[variant])
    assert [one.observation for one in again.emitted] == [one.observation for one in world.emitted]
    assert make_questions(again) == make_questions(world)
    times = [one.observation.time for one in world.emitted]
    assert times == sorted(times)
    for one in world.emitted:
        now = replayed(world, one.observation.time)
        assert len(one.of) in (0, len(one.observation.sightings))
        assert all(now[said.thing] == said.place for said in one.said if said.how in ("seen", "mislabelled"))
        assert one.observation.source.trust is not Trust.MODEL
    assert {name for thing in world.things.values() for name in thing.names}.isdisjoint(NEVER)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_without_noise_a_look_shows_all_that_is_there_by_its_name_and_place(seed: int) -> None:
    world = make_world(seed, EXACT)
    looks = [one for one in world.emitted if one.whole]
    assert len(looks) > 50
    for one in looks:
        now = replayed(world, one.observation.time)
        assert sorted(filter(None, one.of)) == sorted(id for id, place in now.items() if place == one.whole)
        for of, sighting in zip(one.of, one.observation.sightings, strict=True):
            if of:
                thing, place = world.things[of], world.places[one.whole]
                assert sighting.name in thing.names
                assert sighting.facts == ((place.relation, place.name),)
                assert max(abs(a - b) for a, b in zip(sighting.pose.position, place.position)) <= 0.4


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.sampled_from(["standard", "hard"]))
def test_noise_comes_at_about_the_stated_rates(seed: int, variant: str) -> None:
    hard = replace(VARIANTS[variant], days=20)
    world = make_world(seed, hard)
    seen = missed = wrong = 0
    for one in world.emitted:
        if one.observation.pose is not None:
            place = one.observation.sightings[0].name
            there = [id for id, where in replayed(world, one.observation.time).items() if where == place]
            seen += len(one.said)
            missed += len(there) - len(one.said)
            wrong += sum(said.how == "mislabelled" for said in one.said)
    for share, count, rate in (
        (missed / (seen + missed), seen + missed, hard.missed),
        (wrong / seen, seen, hard.mislabelled),
    ):
        # five standard deviations of a binomial share
        assert share == pytest.approx(rate, abs=5 * (rate * (1 - rate) / count) ** 0.5)


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from(["standard", "hard"]))
def test_answers_agree_with_the_replay(seed: int, variant: str) -> None:
    world = make_world(seed, VARIANTS[variant])
    end = replayed(world, world.end)
    for question in make_questions(world):
        things = [thing for thing in world.things.values() if question.name in thing.names]
        places = {end[thing.id] for thing in things}
        assert not question.stale & (question.truth.places | {question.truth.value})
        if question.kind in ("stayed", "moved", "contradicted", "renamed", "twins"):
            assert question.truth.places == places
            assert all(known(world, thing.id, world.end) for thing in things)
        elif question.kind == "gone":
            assert question.truth.abstains
            assert question.stale
            assert question.text.count(question.name) == 1
            last = [one for one in world.emitted if any(said.thing == things[0].id for said in one.said)][-1]
            (place,) = {said.place for said in last.said if said.thing == things[0].id}
            empty = [
                one for one in world.emitted if one.whole == place and one.observation.time > last.observation.time
            ]
            assert any(replayed(world, one.observation.time)[things[0].id] != place for one in empty)
        elif question.kind == "earlier":
            assert question.truth.places == {replayed(world, question.time or 0.0)[things[0].id]}
            assert known(world, things[0].id, question.time or 0.0)
        elif question.kind == "last seen":
            seen = [one for one in world.emitted if any((s.thing, s.how) == (things[0].id, "seen") for s in one.said)]
            assert question.truth.time == seen[-1].observation.time
        elif question.kind == "never seen":
            assert not things
        else:
            assert question.truth.value == world.preferences[question.name, question.relation][-1][1]


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_what_should_end_is_false_at_the_end_and_was_said(seed: int) -> None:
    world = make_world(seed, VARIANTS["hard"])
    end = replayed(world, world.end)
    said = {(one.thing, one.place) for emitted in world.emitted for one in emitted.said}
    for subject, target in should_end(world):
        if subject in end:
            assert end[subject] != target
            assert (subject, target) in said


def test_impossible_difficulties_and_unknown_variants_are_named() -> None:
    with pytest.raises(ConfigError, match=r"missed is 1\.5"):
        Difficulty(missed=1.5)
    with pytest.raises(ConfigError, match="two days"):
        Difficulty(days=1)
    with pytest.raises(UnknownNameError, match="standard"):
        find_variant("standart")
