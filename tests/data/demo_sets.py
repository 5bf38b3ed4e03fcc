"""Small data sets whose every frame is a function of its episode and step."""

from pathlib import Path

import numpy as np

from robomem.data import DatasetWriter, numbers, picture

FPS = 20
FEATURES = {
    "observation.state": numbers(3, ("a", "b", "c")),
    "observation.go": numbers(1),
    "observation.images.front": picture(16, 24),
    "observation.images.exact": picture(5, 7, "image"),
    "action": numbers(2),
}
PLAIN = {name: feature for name, feature in FEATURES.items() if feature.dtype != "video"}
"""Without films: an encoder's start is most of the time that a small episode takes."""


def length(episode: int) -> int:
    return 4 + episode % 3


def frame(episode: int, step: int, features=FEATURES) -> dict[str, np.ndarray]:
    made = {}
    for place, (name, feature) in enumerate(features.items()):
        if feature.dtype == "video":
            made[name] = np.full(feature.shape, 20 + 10 * step + episode, np.uint8)
        elif feature.dtype == "image":
            made[name] = np.random.default_rng([episode, step]).integers(0, 256, feature.shape).astype(np.uint8)
        else:
            made[name] = (100 * episode + step + place + np.arange(feature.shape[0]) / 8).astype(np.float32)
    return made


def task(episode: int) -> str:
    return f"touch pad {episode % 2}"


def write(folder: Path, episodes: range, features=FEATURES, **options) -> Path:
    with DatasetWriter(folder, FPS, features, robot_type="so101", **options) as writer:
        for episode in episodes:
            for step in range(length(episode)):
                writer.add(frame(episode, step, features), task(episode))
            assert writer.save_episode({"seed": episode}) == episode
    return folder


def require_whole(content: dict[str, np.ndarray], episode: int, features=FEATURES) -> None:
    """Assert that an episode that was read is the one that was written."""
    for name, feature in features.items():
        wanted = np.stack([frame(episode, step, features)[name] for step in range(length(episode))])
        assert content[name].dtype == wanted.dtype
        assert content[name].shape == wanted.shape
        if feature.dtype == "video":
            assert np.abs(content[name].astype(int) - wanted).max() <= 2
        else:
            assert np.array_equal(content[name], wanted)
