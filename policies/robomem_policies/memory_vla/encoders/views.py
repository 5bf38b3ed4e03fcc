"""Camera images as an encoder wants them, or an error that says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from robomem.errors import SpaceError

__all__ = ["check_frames"]


def check_frames(
    views: Mapping[str, Tensor],
    sizes: Mapping[str, tuple[int, int]],
    proprio: Tensor | None,
    proprio_width: int,
    texts: Sequence[str],
) -> int:
    """Return M, the number of frames.

    Args:
        views: what came, each uint8 [M, H, W, 3]; views that the encoder was not made for are allowed.
        sizes: (H, W) of every view that must be there.
        proprio: [M, d], or None.
        proprio_width: d; where it is 0, ``proprio`` is ignored.
        texts: M of them.

    Raises:
        SpaceError: something is missing or of another shape or type.
    """
    missing = [name for name in sizes if name not in views]
    if missing:
        raise SpaceError(f"The encoder needs the view {missing[0]!r}; there is {', '.join(sorted(views)) or 'none'}.")
    frames = len(views[next(iter(sizes))])
    for name, (height, width) in sizes.items():
        image = views[name]
        if image.dtype != torch.uint8 or tuple(image.shape) != (frames, height, width, 3):
            raise SpaceError(
                f"view {name!r} is {image.dtype} {tuple(image.shape)}; this encoder was made for torch.uint8 "
                f"{(frames, height, width, 3)}. Resize the images, or make an encoder for theirs."
            )
    if len(texts) != frames or isinstance(texts, str):
        raise SpaceError(f"{frames} frames need {frames} instructions, one each, not {len(texts)}.")
    if proprio_width and (proprio is None or tuple(proprio.shape) != (frames, proprio_width)):
        shape = None if proprio is None else tuple(proprio.shape)
        raise SpaceError(f"proprio has the shape {shape}; this encoder was made for {(frames, proprio_width)}.")
    return frames
