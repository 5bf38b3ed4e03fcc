"""Films of episodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.errors import ConfigError, StorageError
from robomem.policy import Policy
from robomem.rollout.actors import Actor, as_actor
from robomem.rollout.environments import make_vector
from robomem.rollout.play import EpisodeRow, play_in
from robomem.serialization import temporary_sibling

__all__ = ["film"]


def film(
    policy: Policy | Actor,
    env_id: str,
    seeds: Sequence[int],
    path: Path | str,
    *,
    env_kwargs: Mapping[str, Any] | None = None,
    deterministic: bool = True,
    fps: float | None = None,
    stride: int = 1,
    caption: Callable[[int, int], str] | None = None,
) -> list[EpisodeRow]:
    """Play one episode for each seed and write them to one mp4, which appears when it is complete.

    Args:
        policy: who acts.
        env_id: a short name of ours or any Gymnasium id.
        seeds: the seed of each episode.
        path: of the mp4; its folder is made.
        env_kwargs: arguments of the environment.
        deterministic: take the mode of the policy's action distribution.
        fps: frames per second of the film; by default what shows the episode at its own speed.
        stride: keep every ``stride``-th frame.
        caption: called with (episode, frame in the episode) for a line of text in the picture's corner.

    Returns:
        one row a seed.

    Raises:
        ConfigError: the environment draws no pictures.
        StorageError: the film cannot be written.
    """
    import imageio.v2 as imageio  # dear to import; whoever films pays

    counts: dict[int, int] = {}
    env = make_vector(env_id, 1, autoreset="disabled", **{"render_mode": "rgb_array", **(env_kwargs or {})})
    rate = fps or env.metadata.get("render_fps", 30) / stride
    with closing(env), temporary_sibling(path) as partial:
        try:
            # Its own `with` does not close the encoder after an exception; closing() does.
            with closing(cast(Any, imageio.get_writer(partial, fps=rate, macro_block_size=1, quality=7))) as writer:

                def keep(frame: npt.NDArray[np.uint8], episode: int) -> None:
                    index = counts[episode] = counts.get(episode, -1) + 1
                    if index % stride:
                        return
                    picture = _even(frame)
                    writer.append_data(_write(picture, caption(episode, index)) if caption else picture)

                return play_in(env, as_actor(policy, deterministic), seeds, on_frame=keep)
        except gym.error.Error as error:
            raise ConfigError(f"{env_id} cannot be filmed: {error}") from error
        except OSError as error:
            raise StorageError(f"Cannot write the film {path}: {error}.") from error


def _even(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Crop to an even height and width, which the codec needs."""
    return frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]


def _write(frame: npt.NDArray[np.uint8], text: str) -> npt.NDArray[np.uint8]:
    from PIL import Image, ImageDraw

    picture = Image.fromarray(frame)
    ImageDraw.Draw(picture).text((8, 6), text, fill="white", stroke_fill="black", stroke_width=2)
    return np.asarray(picture)
