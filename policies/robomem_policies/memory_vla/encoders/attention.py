"""The pre-norm transformer layer of the small encoder."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["Layer"]


class Layer(nn.Module):
    """x + Attention(LN x), then x + MLP(LN x) (Xiong et al. 2020), of tokens [M, N, width].

    Args:
        width: of a token.
        heads: divides it.
        expansion: of the MLP's hidden layer.
    """

    def __init__(self, width: int, heads: int, expansion: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm, self.norm_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key_value = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(
            nn.Linear(width, expansion * width), nn.GELU("tanh"), nn.Linear(expansion * width, width)
        )

    def forward(self, x: Tensor, first: int | None = None) -> Tensor:
        """Return the tokens after the layer; only the ``first`` ones, which look at all, where it is given."""
        seen = self.norm(x)
        kept, asking = (x, seen) if first is None else (x[:, :first], seen[:, :first])
        key, value = self.key_value(seen).chunk(2, -1)
        mixed = scaled_dot_product_attention(self._split(self.query(asking)), self._split(key), self._split(value))
        kept = kept + self.out(mixed.transpose(1, 2).flatten(2))
        result: Tensor = kept + self.mlp(self.norm_mlp(kept))
        return result

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)
