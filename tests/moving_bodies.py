"""Small bodies and clips for the tests of motion."""

from __future__ import annotations

import numpy as np

from robomem.motion import Body, Clip, Point, Segment


def torso() -> Body:
    """Return a body with a ball joint, two arms of two hinges, and a foot."""
    return Body(
        name="torso",
        joints=("spine", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow"),
        parents=(-1, 0, 0, 1, 2),
        offsets=np.array([[0, 0, 0.1], [0, 0.2, 0.3], [0, -0.2, 0.3], [0.3, 0, 0], [0.3, 0, 0]]),
        axes=np.array([[0.0, 0, 0], [0, 0, 1], [0, 0, 1], [0, 1, 0], [0, 1, 0]]),
        lower=np.full(5, -2.5),
        upper=np.full(5, 2.5),
        velocity=np.full(5, np.inf),
        points={
            "left_hand": Point(3, (0.2, 0, 0)),
            "right_hand": Point(4, (0.2, 0, 0)),
            "left_foot": Point(-1, (0, 0.1, -1.0)),
            "right_foot": Point(-1, (0, -0.1, -1.0)),
        },
        contacts=("left_foot", "right_foot"),
    )


def wandering(seed: int, frames: int = 30, body: Body | None = None) -> Clip:
    """Return a clip of random walks in every joint and of the root."""
    rng, body = np.random.default_rng(seed), body or torso()

    def walk(size: int) -> np.ndarray:
        return 0.05 * np.cumsum(rng.normal(size=(frames, size)), axis=0)

    pose, one = body.zero + walk(body.size), np.ones((frames, 1))
    rotation = np.hstack([one, np.zeros((frames, 3)) if body.fixed else walk(3)])
    position = np.zeros((frames, 3)) if body.fixed else walk(3) + [0, 0, 1]
    segments = (Segment(0, frames // 2, "wave the left hand", {"side": "left"}),)
    return Clip(body, 20.0, pose, position, rotation, "Wave the left hand, then the RIGHT", segments)
