"""Verdicts on motion whose truth is known, mirrored and moved; classes against nearest means by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from motion_language import clip, language
from moving_bodies import torso, wandering

from robomem.errors import DataError
from robomem.motion import Clip, Segment, mirrored
from robomem.motion.metrics.centroids import Centroids
from robomem.motion.metrics.measures import measure, measures
from robomem.motion.metrics.smoothness import jerk, positions, transition_curve
from robomem.motion.metrics.verdict import Judge, direction, side

seeds = st.integers(0, 10_000)
OTHER = {"left": "right", "right": "left"}


@settings(max_examples=50)
@given(seeds)
def test_the_rules_tell_side_and_direction_and_a_mirror_exchanges_them(seed: int) -> None:
    one, _ = clip(np.random.default_rng(seed), 1)
    labels = one.segments[0].labels
    assert (side(measure(one)), direction(measure(one))) == (labels["side"], labels["direction"])
    seen = measure(mirrored(one))
    assert side(seen) == OTHER[labels["side"]]
    assert direction(seen) == OTHER.get(labels["direction"], labels["direction"])


@settings(max_examples=30)
@given(seeds, st.floats(-3, 3), st.floats(-5, 5))
def test_where_the_body_stands_and_faces_changes_no_measure(seed: int, heading: float, shift: float) -> None:
    one = wandering(seed)
    turn = np.array([np.cos(heading / 2), 0, 0, np.sin(heading / 2)])
    cos, sin = np.cos(heading), np.sin(heading)
    moved = one.root_position @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]) + [shift, -shift, 0]
    w, x, y, z = one.root_rotation.T
    rotation = np.stack(
        [
            turn[0] * w - turn[3] * z,
            turn[0] * x - turn[3] * y,
            turn[0] * y + turn[3] * x,
            turn[0] * z + turn[3] * w,
        ],
        axis=1,
    )
    elsewhere = replace(one, root_position=moved, root_rotation=rotation)
    np.testing.assert_allclose(measure(elsewhere).numbers(), measure(one).numbers(), atol=1e-6)


def test_stillness_shows_no_side_and_no_direction() -> None:
    still = Clip.at_rest(torso(), 20.0, np.tile(torso().zero, (10, 1)))
    assert (side(measure(still)), direction(measure(still))) == ("none", "none")
    both = np.tile(torso().zero, (20, 1))
    for name in ("left_elbow", "right_elbow"):
        both[:, torso().at[torso().joint(name)]] = np.linspace(0, -1, 20)[:, None]
    seen = measure(Clip.at_rest(torso(), 20.0, both))
    assert (side(seen), direction(seen)) == ("both", "up")
    with pytest.raises(DataError, match="no stretch"):
        measure(still, 3, 4)


def test_a_judge_tells_labels_of_unseen_clips_and_each_stretch_alone() -> None:
    data = language({"train": 300, "test": 60}, segments=(1, 3))
    judge = Judge.fit([entry.clip for entry in data.of("train").entries])
    right: dict[str, list[bool]] = {}
    for entry in data.of("test").entries:
        spans = [(one.start, one.end) for one in entry.clip.segments]
        told = judge(entry.clip, spans)
        assert told == [judge(entry.clip, [span])[0] for span in spans]
        for segment, labels in zip(entry.clip.segments, told):
            for name, value in segment.labels.items():
                right.setdefault(name, []).append(labels[name] == value)
    rates = {name: np.mean(values) for name, values in right.items()}
    assert min(rates["side"], rates["direction"]) > 0.98
    assert min(rates.values()) > 0.85
    assert judge(entry.clip, [(4, 5)]) == [{}]
    with pytest.raises(DataError, match="verb"):
        Judge.fit([wandering(0)])


@given(seeds)
def test_centroids_of_round_classes_are_nearest_means(seed: int) -> None:
    rng = np.random.default_rng(seed)
    means = rng.normal(scale=4, size=(4, 3))
    names = rng.integers(4, size=200).tolist()
    vectors = means[names] + rng.normal(size=(200, 3))
    centroids = Centroids.fit(vectors, names)
    drawn = np.array(names)
    middles = np.stack([vectors[drawn == name].mean(0) for name in range(4)])
    nearest = np.linalg.norm(vectors[:, None] - middles, axis=-1).argmin(1)
    assert np.mean(np.array(centroids(vectors)) == nearest) > 0.9  # what was drawn is not quite round
    scale, shift = rng.uniform(0.1, 10, 3), rng.normal(size=3)
    assert Centroids.fit(vectors * scale + shift, names)(vectors * scale + shift) == centroids(vectors)
    with pytest.raises(DataError):
        Centroids.fit(vectors, names[1:])


def test_centroids_use_how_numbers_go_together() -> None:
    rng = np.random.default_rng(0)
    shared = rng.normal(scale=2, size=(400, 1))
    names = np.arange(400) % 2
    vectors = np.hstack([shared, shared + names[:, None]]) + rng.normal(scale=0.1, size=(400, 2))
    told = Centroids.fit(vectors, names.tolist())(vectors)
    assert np.mean(np.array(told) == names) > 0.8  # the second number alone: 0.6


def test_a_transition_is_the_mean_jerk_around_the_borders_that_have_room() -> None:
    clips = [replace(wandering(seed, 60), segments=()) for seed in range(3)]
    with pytest.raises(DataError, match="transition"):
        transition_curve(clips, 20)
    ends = [(0, 30, 60), (0, 5, 60), (0, 25, 60)]
    parts = [replace(one, segments=tuple(Segment(a, b, "x") for a, b in pairwise(at))) for one, at in zip(clips, ends)]
    expected = [jerk(positions(parts[0]))[19:39], jerk(positions(parts[2]))[14:34]]  # the second has no room
    np.testing.assert_allclose(transition_curve(parts, 20), np.mean(expected, axis=0))


def test_measures_of_several_stretches_are_those_of_each() -> None:
    one = wandering(4, 50)
    for (start, end), seen in zip([(0, 20), (10, 50)], measures(one, [(0, 20), (10, 50)])):
        np.testing.assert_array_equal(seen.numbers(), measure(one, start, end).numbers())
