"""A block of the diffusion transformer: self-attention, cross-attention, MLP; pre-norm, all added to the stream.

Letters in shapes: M rows, R variants of a row that share its perception (draws of noise, or with and without
cognition), S tokens of the sequence, N perceptual tokens, W width, E = W / heads.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["Block", "CrossAttention", "SelfAttention"]


class SelfAttention(nn.Module):
    """The tokens of one sequence look at each other: actions at cognition and at each other."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Attend.

        Args:
            x: [M, R, S, W].
            mask: [M * R, 1, 1, S] bool, False at tokens nobody looks at; None if there are none.
        """
        rows, variants, tokens, width = x.shape
        split = (rows * variants, tokens, 3, self.heads, width // self.heads)
        query, key, value = self.qkv(self.norm(x)).view(split).permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=mask)
        attended: Tensor = self.out(mixed.transpose(1, 2).reshape(x.shape))
        return attended


class CrossAttention(nn.Module):
    """The tokens look at what is perceived; without effect at first, as its last layer starts at zero.

    The variants of a row ask the same keys, so they stand side by side as queries and no key is ever copied.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def keys_and_values(self, perception: Tensor) -> tuple[Tensor, Tensor]:
        """Return both of [M, N, W], each [M, heads, N, E]."""
        rows, tokens, width = perception.shape
        split = (rows, tokens, 2, self.heads, width // self.heads)
        key, value = self.key_value(perception).view(split).permute(2, 0, 3, 1, 4)
        return key, value

    def forward(self, x: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Attend from [M, R, S, W]."""
        rows, variants, tokens, width = x.shape
        split = (rows, variants * tokens, self.heads, width // self.heads)
        query = self.query(self.norm(x)).view(split).transpose(1, 2)
        mixed = scaled_dot_product_attention(query, key, value)
        attended: Tensor = self.out(mixed.transpose(1, 2).reshape(x.shape))
        return attended


class Block(nn.Module):
    """Self-attention, cross-attention, and an MLP four times as wide."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attend = SelfAttention(width, heads)
        self.perceive = CrossAttention(width, heads)
        self.think = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        """Refine the tokens [M, R, S, W]; see the parts."""
        x = x + self.attend(x, mask)
        x = x + self.perceive(x, key, value)
        thought: Tensor = self.think(x)
        return x + thought
