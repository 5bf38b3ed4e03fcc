"""BERT over a few short texts in one row, without padding and without the generic machinery around each layer.

For a handful of sentences the arithmetic takes half of a forward pass of ``transformers``; the rest is Python between
layers, and weights that are put into the processor's order anew for every product. Here they are put in order once,
and queries, keys and values are one product. Same numbers as the model's own forward up to rounding (Devlin et al.
2018, arXiv 1810.04805, post-norm encoder).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["PackedBert"]

_USUAL_ROW = 64
"""Tokens of a row that weights are put in order for; other lengths work too."""
Product = Callable[[Tensor], Tensor]


class PackedBert:
    """The encoder of a ``BertModel``, for inference.

    Args:
        model: of ``transformers``, in evaluation mode, with absolute positions.
    """

    def __init__(self, model: Any) -> None:
        kind = model.config
        self._heads, self._eps = int(kind.num_attention_heads), float(kind.layer_norm_eps)
        table = model.embeddings
        self._words, self._positions = table.word_embeddings.weight, table.position_embeddings.weight
        self._type = table.token_type_embeddings.weight[0]
        self._first = table.LayerNorm
        self._layers = [_Layer(one, kind.num_attention_heads, self._eps) for one in model.encoder.layer]

    @staticmethod
    def fits(model: Any) -> bool:
        """Whether a model is one that is computed here."""
        kind = model.config
        return (
            getattr(kind, "model_type", "") == "bert"
            and getattr(kind, "hidden_act", "") == "gelu"
            and not getattr(kind, "is_decoder", False)
            and getattr(kind, "position_embedding_type", "absolute") in (None, "absolute")
        )

    def means(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Return the mean [N, D] over the last hidden states of each text's tokens; texts are blind to one another."""
        lengths = [len(some) for some in texts]
        owner = torch.repeat_interleave(torch.arange(len(lengths)), torch.tensor(lengths))
        tokens = torch.tensor([token for some in texts for token in some])
        places = torch.cat([torch.arange(count) for count in lengths])
        hidden = self._words[tokens] + self._type + self._positions[places]
        hidden = F.layer_norm(hidden, hidden.shape[-1:], self._first.weight, self._first.bias, self._eps)
        own = owner[:, None] == owner
        for layer in self._layers:
            hidden = layer(hidden, own)
        parts: tuple[Tensor, ...] = torch.functional.split(hidden.float(), lengths)
        return torch.stack([part.mean(0) for part in parts])


class _Layer:
    """Attention and two products, each with what came in added, and normalised."""

    def __init__(self, layer: Any, heads: int, eps: float) -> None:
        self._heads, self._eps = heads, eps
        own = layer.attention.self
        three = (own.query, own.key, own.value)
        self._three = _product(torch.cat([one.weight for one in three]), torch.cat([one.bias for one in three]))
        self._out = _product(layer.attention.output.dense.weight, layer.attention.output.dense.bias)
        self._wide = _product(layer.intermediate.dense.weight, layer.intermediate.dense.bias, gelu=True)
        self._narrow = _product(layer.output.dense.weight, layer.output.dense.bias)
        self._norms = (layer.attention.output.LayerNorm, layer.output.LayerNorm)

    def __call__(self, hidden: Tensor, own: Tensor) -> Tensor:
        """Return the next hidden states [T, D]; ``own`` [T, T] says which tokens see one another."""
        count, width = hidden.shape
        query, key, value = self._three(hidden).view(1, count, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=own[None, None])
        hidden = self._norm(0, hidden + self._out(seen.transpose(1, 2).reshape(count, width)))
        return self._norm(1, hidden + self._narrow(self._wide(hidden)))

    def _norm(self, which: int, hidden: Tensor) -> Tensor:
        norm = self._norms[which]
        return F.layer_norm(hidden, hidden.shape[-1:], norm.weight, norm.bias, self._eps)


def _product(weight: Tensor, bias: Tensor, *, gelu: bool = False) -> Product:
    """Return ``x @ weight.T + bias``, with its weights in the processor's order where PyTorch can do that."""
    weight, bias = weight.detach(), bias.detach()
    ops: Any = torch.ops.mkldnn
    needed = ("_is_mkldnn_bf16_supported", "_reorder_linear_weight", "_linear_pointwise")
    # a processor without bfloat16 (AVX2 alone) computes with it, slowly, but does not put its weights in order
    if weight.dtype == torch.bfloat16 and all(hasattr(ops, one) for one in needed) and ops._is_mkldnn_bf16_supported():
        ordered = ops._reorder_linear_weight(weight, _USUAL_ROW)
        after: tuple[str, list[float], str] = ("gelu", [], "none") if gelu else ("none", [], "")
        return lambda hidden: ops._linear_pointwise(hidden, ordered, bias, *after)
    if gelu:
        return lambda hidden: F.gelu(F.linear(hidden, weight, bias))
    return lambda hidden: F.linear(hidden, weight, bias)
