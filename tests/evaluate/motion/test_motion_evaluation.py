"""Models whose worth is known, measured: one that performs what is said, one that knows no left, one that is deaf."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from motion_language import language

from robomem.errors import CheckpointError, DataError
from robomem.evaluate.motion import MotionEvaluation, evaluate, read, write
from robomem.evaluate.motion.tables import confusion_table, markdown
from robomem.motion import Clip, Segment, mirrored
from robomem.motion.metrics.meaning import cut
from robomem.motion.metrics.verdict import Judge
from robomem.motion.motion_set import MotionSet
from robomem.motion.robots import Tracking

WORDS = ("reach", "wave", "left hand", "right hand", " left", " right", " up", " down", "slow", "fast")


class Labels:
    """An embedding that a judge makes: a number for each word, of the text or of the verdict."""

    def __init__(self, motion_set: MotionSet) -> None:
        self.judge, self.facts = Judge.fit([entry.clip for entry in motion_set.of("train").entries]), {}

    def embed_texts(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[float(word in text) for word in WORDS] for text in texts])

    def embed_clips(self, clips: Sequence[Clip]) -> np.ndarray:
        told = [self.judge(clip, [(0, len(clip))])[0] for clip in clips]
        return self.embed_texts(
            [f"{one['verb']} {one['direction']} with the {one['side']} hand {one['speed']}ly" for one in told]
        )


class Performs:
    """Returns a real clip for each text, segment by segment, as ``change`` leaves it."""

    def __init__(self, motion_set: MotionSet, change: str = "") -> None:
        self.known: dict[str, list[Clip]] = {}
        self.change, self.asked = change, 0
        for entry in motion_set.entries:
            for segment in entry.clip.segments:
                piece = cut(entry.clip, segment.start, segment.end)
                self.known.setdefault(segment.text, []).append(piece)

    def generate(self, texts: Sequence[str], *, seconds: Sequence[Sequence[float]], seed: int) -> list[Clip]:
        rng, made = np.random.default_rng(seed), []
        everything = [one for clips in self.known.values() for one in clips]
        for text, durations in zip(texts, seconds, strict=True):
            parts = []
            for part, duration in zip(text.split("; "), durations, strict=True):
                choice = everything if self.change == "deaf" else self.known[part]
                parts.append(choice[rng.integers(len(choice))])
                assert duration > 0
                self.asked += 1
            made.append(_joined(text, [mirrored(one) if self.change == "mirror" else one for one in parts]))
        return made


def _joined(text: str, parts: Sequence[Clip]) -> Clip:
    ends = np.cumsum([len(part) for part in parts])
    segments = tuple(
        Segment(int(end) - len(part), int(end), words) for part, end, words in zip(parts, ends, text.split("; "))
    )
    pose = np.concatenate([part.pose for part in parts])
    return Clip.at_rest(parts[0].body, parts[0].fps, pose, text=text, segments=segments)


@pytest.fixture(scope="module")
def data() -> MotionSet:
    return language({"train": 120, "test": 70}, segments=(1, 3))


@pytest.fixture(scope="module")
def embedding(data: MotionSet) -> Labels:
    return Labels(data)


def _evaluated(data: MotionSet, embedding: Labels, change: str = "", **told: object) -> MotionEvaluation:
    return evaluate(Performs(data, change), [data], embedding, repetitions=3, clips=32, **told)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def good(data: MotionSet, embedding: Labels) -> MotionEvaluation:
    return _evaluated(data, embedding)


def test_who_performs_what_is_said_reaches_the_ceiling_which_is_above_the_floor(good: MotionEvaluation) -> None:
    assert set(good.groups) == {"actions", "compositions"}
    for group in good.groups.values():
        for name in ("side by rule", "direction by rule", "action", "verb"):
            scores = group.scores[name]
            assert scores["made"].value >= scores["real"].value - 0.1
            assert scores["real"].value > 0.8 > 0.7 > scores["shuffled"].value
        assert group.scores["left and right of side confused"]["made"].value == 0
    many = good.groups["compositions"].scores
    assert many["R-precision 3"]["made"].value > 0.8 > many["R-precision 3"]["shuffled"].value
    assert many["coverage in order"]["real"].value > 0.8 > many["coverage in order"]["shuffled"].value
    assert many["coverage in order"]["made"].value <= many["coverage"]["made"].value
    assert many["peak jerk"]["made"].value == pytest.approx(many["peak jerk"]["real"].value, rel=0.5)


def test_a_mirror_image_is_seen_as_left_and_right_confused_and_nothing_else(data: MotionSet, embedding: Labels) -> None:
    group = _evaluated(data, embedding, "mirror").groups["compositions"]
    assert group.scores["side by rule"]["made"].value == 0
    assert group.scores["left and right of side confused"]["made"].value == 1
    assert group.scores["left and right of direction confused"]["made"].value > 0.95
    assert group.scores["verb"]["made"].value == pytest.approx(group.scores["verb"]["real"].value, abs=0.1)
    made = group.confusion["made"]
    assert made["left"]["right"] == sum(made["left"].values())
    assert set(made["up"]) == {"up"}
    assert "| left | 0.0 | 100.0 |" in confusion_table(made)


def test_who_does_not_listen_is_on_the_floor(data: MotionSet, embedding: Labels) -> None:
    group = _evaluated(data, embedding, "deaf").groups["compositions"]
    for name in ("side by rule", "direction by rule", "action", "R-precision 1"):
        scores = group.scores[name]
        assert scores["made"].value == pytest.approx(scores["shuffled"].value, abs=0.25)
        assert scores["made"].value < scores["real"].value - 0.2


def test_the_same_seed_measures_the_same_and_files_keep_it(
    data: MotionSet, embedding: Labels, good: MotionEvaluation, tmp_path: Path
) -> None:
    again = _evaluated(data, embedding)
    assert again.groups == good.groups
    write(good, tmp_path)
    assert read(tmp_path) == good
    assert (tmp_path / "motion.md").read_text() == markdown(good)
    (tmp_path / "motion.json").write_text((tmp_path / "motion.json").read_text()[:-40])
    with pytest.raises(CheckpointError, match="Cannot read"):
        read(tmp_path)


def test_another_number_of_clips_or_segments_than_asked_for_is_refused(data: MotionSet, embedding: Labels) -> None:
    class Short(Performs):
        def generate(self, texts: Sequence[str], *, seconds: Sequence[Sequence[float]], seed: int) -> list[Clip]:
            return [replace(clip, segments=()) for clip in super().generate(texts, seconds=seconds, seed=seed)]

    with pytest.raises(DataError, match="segments of"):
        evaluate(Short(data), [data], embedding, repetitions=1, clips=32)
    with pytest.raises(DataError, match='split "test"'):
        evaluate(Performs(data), [replace(data, entries=data.of("train").entries)], embedding)


class Robot:
    """Performs a clip, and falls over each one whose left hand acts."""

    name = "tumbler"

    def __init__(self, data: MotionSet) -> None:
        self.body = data.body

    def track(self, clip: Clip, *, told: object = None) -> Tracking:
        fell = "left hand" in clip.text
        achieved = mirrored(clip) if fell else clip
        return Tracking(achieved, 0.01, 0.02, 0.1, fell, 0.3 if fell else None, {"spine": 0}, 0)

    def film(self, clip: Clip, *, size: tuple[int, int] = (320, 240)) -> Iterator[np.ndarray]:
        raise AssertionError("nobody films")

    generate = film


def test_a_robot_that_falls_is_told(data: MotionSet, embedding: Labels) -> None:
    found = _evaluated(data, embedding, robot=Robot(data), track=8).tracked["made"]
    assert (found.clips, found.robot, found.refused) == (8, "tumbler", 0)
    assert found.success.value == 1 - found.fell.value
    assert 0 < found.fell.value < 1
    assert found.same_action == pytest.approx(found.success.value)
    assert found.limited.value == 0
