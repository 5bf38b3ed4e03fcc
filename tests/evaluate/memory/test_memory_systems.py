"""Memories through the benchmark: the best, the worst, ours and the baselines, with an encoder that needs no model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from robomem.cli.main import main
from robomem.errors import ConfigError
from robomem.evaluate.memory import (
    VARIANTS,
    Difficulty,
    Question,
    Recalled,
    make_questions,
    make_world,
    memory_systems,
    run_benchmark,
)
from robomem.evaluate.memory.play import Played, play
from robomem.evaluate.memory.score import score
from robomem.lifelong import Observation
from robomem.text import make_encoder
from tests.evaluate.memory.perfect import Empty, oracle_of

ENCODER = make_encoder("hash")
SMALL = Difficulty("small", days=3, things=14)


def played(difficulty: Difficulty, seeds: Sequence[int], make=None) -> list[Played]:
    worlds = [make_world(seed, difficulty) for seed in seeds]
    return [play(world, make_questions(world), make or oracle_of(world), ENCODER) for world in worlds]


@pytest.mark.parametrize("variant", ["standard", "hard"])
def test_an_oracle_is_perfect(variant: str) -> None:
    found = score(played(VARIANTS[variant], range(6)))
    for kind, rate in found.kinds.items():
        assert rate.of, f"no question of the kind {kind} in six worlds"
        assert rate.interval.value == 1.0, kind
    best = {name: rate.interval.value for name, rate in vars(found).items() if getattr(rate, "interval", None)}
    assert best.pop("stale") == 0.0
    assert best.pop("characters") == 0.0
    assert set(best.values()) == {1.0}, best
    assert {rate.interval.value for rate in found.recall.values()} == {1.0}


def test_an_empty_memory_abstains_everywhere() -> None:
    worlds = played(VARIANTS["standard"], range(3), Empty)
    assert all(one.answer.abstains for world in worlds for one in world.asked)
    found = score(worlds)
    unknown = sum(one.question.truth.abstains for world in worlds for one in world.asked)
    assert found.accuracy.interval.value == unknown / found.accuracy.of
    assert found.abstained_where_due.interval.value == 1.0
    assert found.ended_where_due.interval.value == found.stale.interval.value == 0.0
    assert found.same_precision.interval is None
    assert found.same_recall.interval.value == 0.0


def test_equal_seeds_give_equal_numbers_for_every_system() -> None:
    once, again = (run_benchmark(list(memory_systems), SMALL, worlds=1, encoder="hash").to_json() for _ in range(2))
    costs = once.pop("costs")
    again.pop("costs")
    assert once == again
    assert set(costs) == {"lifelong", "flat", "history"} <= set(once["scores"])
    assert all(cost["bytes"] > 0 and cost["write_s"][1] > 0 for cost in costs.values())
    other = run_benchmark(["history"], SMALL, worlds=1, seed=1, encoder="hash").to_json()
    assert other["scores"]["history"] != once["scores"]["history"]


def test_the_baselines_keep_their_bounds() -> None:
    world = make_world(0, SMALL)
    questions = make_questions(world)
    few = play(world, questions, memory_systems["history"], ENCODER, budget=400)
    assert all(0 < one.characters <= 400 for one in few.asked)
    flat = play(world, questions, memory_systems["flat"], ENCODER, top=1)
    assert all(rank in (0, None) for one in flat.asked for rank in one.ranks)
    assert flat.pairs.same > 0
    assert flat.endings.ended == 0


def test_without_noise_ours_knows_where_things_are() -> None:
    exact = Difficulty(
        "exact",
        days=3,
        things=14,
        missed=0.0,
        mislabelled=0.0,
        miscoloured=0.0,
        pose_noise_m=0.0,
        renamed=0,
        strangers=0,
    )
    found = score(played(exact, range(2), memory_systems["lifelong"]))
    for kind in ("stayed", "moved", "gone", "last seen", "earlier", "preference", "never seen"):
        assert found.kinds[kind].interval is None or found.kinds[kind].interval.value == 1.0, kind
    # looks of these worlds are not sure: what was missed only once by the last of three days is doubted, not ended
    assert found.ended_where_due.interval.value > 0.8


def test_a_memory_is_not_told_what_it_is_asked_for() -> None:
    asked = []

    class Curious(Empty):
        def recall(self, question: Question) -> Recalled:
            asked.append(question)
            return super().recall(question)

    (one,) = played(SMALL, [0], Curious)
    assert len(asked) == len(one.asked)
    for given, kept in zip(asked, one.asked, strict=True):
        assert (given.text, given.form, given.time) == (kept.question.text, kept.question.form, kept.question.time)
        assert given.truth.abstains
        assert (given.kind, given.stale, given.needed) == ("", frozenset(), ())


def test_a_system_that_does_not_say_what_it_took_sightings_for_is_told_so() -> None:
    class Silent(Empty):
        def observe(self, observation: Observation) -> Sequence[int]:
            return []

    with pytest.raises(ConfigError, match=r"Silent.observe returned 0 entities for \d+ sightings"):
        played(SMALL, [0], Silent)
    with pytest.raises(ConfigError, match="each is at least one"):
        run_benchmark(["flat"], SMALL, worlds=0, encoder="hash")


def test_the_command_writes_and_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["eval", "memory", "--system", "history", "--worlds", "1", "--encoder", "hash", "--out", str(tmp_path)]
    assert main(asked) == 0
    assert "right answers" in capsys.readouterr().out
    written = json.loads((tmp_path / "memory.json").read_text())
    assert written["settings"]["difficulty"]["missed"] == VARIANTS["standard"].missed
    assert "characters for the reader" in (tmp_path / "memory.md").read_text()
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] == written["scores"]
    assert main(["eval", "memory", "--system", "histroy", "--encoder", "hash", "--out", str(tmp_path)]) == 2
    assert "history" in capsys.readouterr().err
    assert main(["list", "memory-systems"]) == 0
    assert "vector store" in capsys.readouterr().out
