"""A little language of motion on the torso of tests/motion: a hand goes somewhere once, or sways some times."""

from __future__ import annotations

import numpy as np
from moving_bodies import torso

from robomem.motion import Body, Clip, Segment
from robomem.motion.motion_set import Entry, MotionSet

FPS = 20.0
VERBS, SIDES, DIRECTIONS = ("reach", "wave"), ("left", "right"), ("left", "right", "up", "down")


def spoken(rng: np.random.Generator, body: Body, pose: np.ndarray) -> tuple[np.ndarray, str, str, dict[str, str]]:
    """Return frames [T, Q] from a pose on, two ways to say it, and its labels."""
    verb, side, direction = (str(rng.choice(names)) for names in (VERBS, SIDES, DIRECTIONS))
    speed = str(rng.choice(["slow", "fast"]))
    times = int(rng.integers(2, 5)) if verb == "wave" else 1
    joint = f"{side}_shoulder" if direction in ("left", "right") else f"{side}_elbow"
    at = body.at[body.joint(joint)].start
    size = {"left": 0.8, "right": -0.8, "up": -0.8, "down": 0.8}[direction] * rng.uniform(0.8, 1.2)
    frames = (30 if speed == "slow" else 15) * (times if verb == "wave" else 1)
    phase = np.linspace(0, 1, frames)
    way = np.sin(np.pi * times * phase) ** 2 if verb == "wave" else np.sin(np.pi * phase) ** 2
    rows = np.tile(pose, (frames, 1))
    rows[:, at] += size * way
    often = {1: "", 2: " twice", 3: " three times", 4: " four times"}[times]
    labels = {"verb": verb, "side": side, "direction": direction, "speed": speed, "repetition": str(times)}
    return (
        rows,
        f"{verb} {direction} with the {side} hand {speed}ly{often}",
        f"{speed}: {side} hand {verb} {direction}{often}",
        labels,
    )


def clip(rng: np.random.Generator, segments: int) -> tuple[Clip, str]:
    """Return a clip of some segments and another way to say it."""
    body, rows, parts, others, start = torso(), [], [], [], 0
    for _ in range(segments):
        motion, text, other, labels = spoken(rng, body, np.array(body.zero))
        rows.append(motion)
        parts.append(Segment(start, start + len(motion), text, labels))
        others.append(other)
        start += len(motion)
    pose = np.concatenate(rows) + 0.0005 * rng.normal(size=(start, body.size))
    text = "; ".join(part.text for part in parts)
    return Clip.at_rest(body, FPS, pose, text=text, segments=tuple(parts)), " then ".join(others)


def language(clips: dict[str, int], seed: int = 0, segments: tuple[int, int] = (1, 1)) -> MotionSet:
    """Return a set with so many clips of each split."""
    rng, entries = np.random.default_rng(seed), []
    for split, count in clips.items():
        for number in range(count):
            one, other = clip(rng, int(rng.integers(segments[0], segments[1] + 1)))
            entries.append(Entry(f"{split}-{number}", (one.text, other), split, one))
    return MotionSet(torso(), FPS, tuple(entries), {"generator": "language"})
