"""What differs between families of vision-language models: how images go in, and in which order tokens come out.

Letters in shapes: M frames, V views, T text tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError, UnknownNameError

__all__ = ["FAMILIES", "Family", "Parts", "family_of", "parts_of", "row_major"]


@dataclass(frozen=True)
class Family:
    """One family.

    Attributes:
        before: tokens before the placeholders of an image.
        after: tokens after them.
        images_first: whether images come before the beginning of the text.
        tail: what ends the prompt; the tokenizer's end of sequence where it is None.
        settings: keywords for the image processor, from the processor itself.
        side: (rows, columns) of patches of the first image, from what the image processor returned and the config.
        width: of what the vision tower gives, from the config.
        merge: patches a side that become one token for the language model, from the config.
        nested: whether the image processor wants a list of images for each frame.
        window: merged cells a side of the windows in whose order the tower keeps its tokens; 0: no windows; None: the
            tokens are in the order of rows.
        types: further inputs, from the placeholder mask [M, T].
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    side: Callable[[Mapping[str, Tensor], Any], tuple[int, int]]
    merge: Callable[[Any], int]
    width: Callable[[Any], int] = lambda config: config.vision_config.hidden_size
    images_first: bool = False
    tail: str | None = None
    settings: Callable[[Any], dict[str, Any]] = lambda processor: {}
    nested: bool = False
    window: Callable[[Any], int | None] = lambda config: None
    types: Callable[[Tensor], dict[str, Tensor]] = lambda placeholders: {}


def _by_pixels(inputs: Mapping[str, Tensor], config: Any) -> tuple[int, int]:
    height, width = inputs["pixel_values"].shape[-2:]
    return height // config.vision_config.patch_size, width // config.vision_config.patch_size


def _by_grid(inputs: Mapping[str, Tensor], config: Any) -> tuple[int, int]:
    _, rows, columns = inputs["image_grid_thw"][0].tolist()
    return rows, columns


def _whole_images(processor: Any) -> dict[str, Any]:
    """One image a view, not a mosaic of crops, resized once to what the tower sees."""
    return {"do_image_splitting": False, "size": {"longest_edge": processor.max_image_size["longest_edge"]}}


_IDEFICS = Family(
    before=("<fake_token_around_image>", "<global-img>"),
    after=("<fake_token_around_image>",),
    side=_by_pixels,
    merge=lambda config: config.scale_factor,
    settings=_whole_images,
    nested=True,
)
_QWEN: dict[str, Any] = {
    "before": ("<|vision_start|>",),
    "after": ("<|vision_end|>",),
    "side": _by_grid,
    "merge": lambda config: config.vision_config.spatial_merge_size,
    "types": lambda placeholders: {"mm_token_type_ids": placeholders.int()},
}


def _qwen25_window(config: Any) -> int:
    vision = config.vision_config
    return int(vision.window_size // vision.spatial_merge_size // vision.patch_size)


FAMILIES: dict[str, Family] = {
    "idefics3": _IDEFICS,
    "smolvlm": _IDEFICS,
    "paligemma": Family(
        before=(),
        after=(),
        side=_by_pixels,
        merge=lambda config: 1,
        images_first=True,
        tail="\n",
        types=lambda placeholders: {"token_type_ids": torch.zeros_like(placeholders, dtype=torch.long)},
    ),
    "qwen2_vl": Family(**_QWEN, width=lambda config: config.vision_config.embed_dim, window=lambda config: 0),
    "qwen2_5_vl": Family(**_QWEN, window=_qwen25_window),
}
"""By ``model_type`` of the configuration."""


@dataclass(frozen=True)
class Parts:
    """The parts of a model: the eye, what leads from it to the language model, and the language model."""

    vision: nn.Module
    projector: nn.Module
    language: nn.Module


def family_of(config: Any) -> Family:
    """Return the family of a model's configuration. Raises UnknownNameError where none fits."""
    kind = str(getattr(config, "model_type", ""))
    if kind not in FAMILIES:
        raise UnknownNameError("family of vision-language models", kind, FAMILIES, "Others need a line in families.py.")
    return FAMILIES[kind]


def parts_of(model: nn.Module) -> Parts:
    """Return the parts of a model, which families call by a few names. Raises ConfigError where one is missing."""
    vision = _first(model, ("vision_model", "vision_tower", "visual"))
    projector = _first(model, ("connector", "multi_modal_projector", "visual.merger"))
    return Parts(vision, projector, _first(model, ("text_model", "language_model")))


def _first(model: nn.Module, names: tuple[str, ...]) -> nn.Module:
    modules: dict[str, nn.Module] = dict(model.named_modules())
    for name in names:
        if name in modules:
            return modules[name]
    raise ConfigError(f"{type(model).__name__} has none of the parts {', '.join(names)}; this family is not supported.")


def row_major(rows: int, columns: int, merge: int, window: int | None) -> Tensor:
    """Return, for every patch of an image row by row, where the tower keeps it, [rows * columns].

    Qwen's towers keep the merge x merge patches of a cell together; those of Qwen2.5-VL also the cells of a window.

    Args:
        rows: of patches.
        columns: of patches.
        merge: patches a side of a cell; 1 for the order of cells.
        window: cells a side of a window; 0: no windows; None: the patches are in the order of rows.
    """
    if window is None:
        return torch.arange(rows * columns)
    cells = [(row, column) for row in range(rows // merge) for column in range(columns // merge)]
    if window:
        cells.sort(key=lambda cell: (cell[0] // window, cell[1] // window, cell))
    inside = [(row, column) for row in range(merge) for column in range(merge)]
    kept = [(cell[0] * merge + dy) * columns + cell[1] * merge + dx for cell in cells for dy, dx in inside]
    return torch.tensor(kept).argsort()
