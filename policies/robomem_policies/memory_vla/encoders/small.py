"""A compact vision-language encoder that is trained from scratch, on a CPU if need be.

Letters in shapes: M frames, V views, N vision tokens, d numbers of proprioception, D the width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from robomem.errors import ConfigError
from robomem_policies.memory_vla.encoders.attention import Layer
from robomem_policies.memory_vla.encoders.instructions import Instructions
from robomem_policies.memory_vla.encoders.saving import take
from robomem_policies.memory_vla.encoders.tower import VisionTower
from robomem_policies.memory_vla.encoders.views import check_frames

__all__ = ["SmallEncoder"]

_TEXT_WIDTHS = {"minilm": 384, "hash": 256}


class SmallEncoder(nn.Module):
    """A small vision transformer, and fusion layers that read it together with the instruction and proprioception.

    The raw perceptual tokens leave the tower before the instruction comes in, as MemoryVLA takes them before the
    projector. The cognitive token is a learned query that has passed the fusion layers over
    [query, instruction, proprioception, vision tokens].

    Args:
        model: must be empty: there is one small encoder, and its fields make it smaller or larger.
        views: (height, width) by name.
        proprio_width: d; 0 for none.
        width: D, of all tokens.
        depth: layers of the vision tower.
        fusion: layers after it, at least 1. One alone cannot look where the instruction says: its query is not
            acquainted with the instruction yet.
        heads: of all attention.
        patch: pixels a side that a token stands for: 16 gives 4 x 4 tokens of 64 x 64 pixels, 8 gives 8 x 8.
        perceptual: ``"before"`` or ``"after"`` fusion with the instruction.
        text: text encoder, a name of ``robomem.text``; it is never trained.
        text_width: of its vectors, where it is another than minilm or hash.
        texts: instructions whose vectors the saved weights hold.
        positions: (rows, columns) of the table of positions, where it is not the grid; see ``VisionTower``.

    Raises:
        ConfigError: a field is out of range.
        SpaceError: a view is too small.
    """

    def __init__(
        self,
        model: str,
        views: Mapping[str, tuple[int, int]],
        proprio_width: int,
        *,
        width: int = 96,
        depth: int = 2,
        fusion: int = 2,
        heads: int = 3,
        patch: int = 16,
        perceptual: str = "before",
        text: str = "minilm",
        text_width: int | None = None,
        texts: Sequence[str] = (),
        positions: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        if model:
            raise ConfigError(f"small:{model}: nothing comes after small; its width, depth and patch are fields.")
        if min(width, depth + 1, fusion, heads) < 1 or width % heads:
            raise ConfigError(
                "small: width, fusion and heads are at least 1, depth at least 0, and heads divide width."
            )
        if perceptual not in ("before", "after"):
            raise ConfigError(
                f"perceptual must be 'before' or 'after' fusion with the instruction, not {perceptual!r}."
            )
        text_width = text_width or _TEXT_WIDTHS.get(text, 0)
        if not text_width:
            raise ConfigError(f"text_width is needed: how many numbers does the text encoder {text!r} give?")
        self.sizes, self.proprio_width, self.perceptual = dict(views), proprio_width, perceptual
        self._fields = {
            "width": width,
            "depth": depth,
            "fusion": fusion,
            "heads": heads,
            "patch": patch,
            "perceptual": perceptual,
            "text": text,
            "text_width": text_width,
            "positions": None if positions is None else list(positions),
        }
        self.tower = VisionTower(views, width=width, depth=depth, heads=heads, patch=patch, positions=positions)
        self.instructions = Instructions(text, text_width, texts)
        self.text = nn.Linear(text_width, width)
        self.proprio = nn.Linear(proprio_width, width) if proprio_width else None
        self.query = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(fusion))
        self.norm = nn.LayerNorm(width)
        self.grid = self.tower.grid
        self.tokens = self.grid[0] * self.grid[1] * self.grid[2]
        self.width = self.cognition = width

    def forward(
        self, views: Mapping[str, Tensor], proprio: Tensor | None, texts: Sequence[str]
    ) -> tuple[Tensor, Tensor]:
        """Encode M frames; see ``VisionLanguageEncoder``."""
        frames = check_frames(views, self.sizes, proprio, self.proprio_width, texts)
        seen = self.tower(views)
        said = self.instructions(texts) * self.instructions.width**0.5  # unit vectors to numbers of about 1
        context = [self.query.expand(frames, -1, -1), self.text(said.to(seen.dtype))[:, None]]
        if self.proprio is not None and proprio is not None:
            context.append(self.proprio(proprio.to(seen.dtype))[:, None])
        x = torch.cat([*context, seen], 1)
        for layer in self.layers[:-1]:
            x = layer(x)
        if self.perceptual == "before":  # of the last layer nothing but the query is read
            return seen, self.norm(self.layers[-1](x, first=1))
        x = self.norm(self.layers[-1](x))
        return x[:, len(context) :], x[:, :1]

    def learn(self, texts: Sequence[str]) -> None:
        """Keep the vectors of these instructions; see ``Instructions.learn``."""
        self.instructions.learn(texts)

    def config(self) -> dict[str, Any]:
        """Return the fields with which ``make`` builds it again."""
        return {**self._fields, "texts": list(self.instructions.texts)}

    def saved(self) -> dict[str, Tensor]:
        """Return every weight, and the vectors of the known instructions."""
        return self.state_dict()

    def restore(self, arrays: Mapping[str, Tensor]) -> None:
        """Take what ``saved`` returned."""
        take(self, arrays, self.saved())
