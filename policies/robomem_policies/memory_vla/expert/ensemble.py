"""One action from several chunks that cover the present step, for a batch of robots at once.

Letters in shapes: B rows, K chunks that are kept, H actions of a chunk, A numbers of an action.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from robomem.errors import ConfigError, suggest

__all__ = ["ActionEnsemble", "Ensembling", "blend"]

Ensembling = Literal["latest", "average", "adaptive"]


def blend(chunks: Tensor, ages: Tensor, ensembling: Ensembling, *, alpha: float = 0.1, decay: float = 0.01) -> Tensor:
    """Return the action for the present step.

    ``latest`` is the newest chunk's (receding horizon). ``average`` weighs all by exp(-decay i), i = 0 the oldest
    (temporal ensembling, Zhao et al. 2023; ``robomem.deploy.chunk`` does so for one robot). ``adaptive`` weighs them by
    exp(alpha cos(a, a_newest)), so that plans of another mode count less (CogACT, arXiv 2411.19650).

    Args:
        chunks: [B, K, H, A] in any order.
        ages: [B, K] int64, steps since the chunk's first action was due; one outside 0 … H - 1 says nothing now. No
            two chunks of a row that do are of one age.
        ensembling: one of the three.
        alpha: of ``adaptive``.
        decay: of ``average``.

    Returns:
        [B, A].

    Raises:
        ConfigError: no chunk of some row covers the present step.
    """
    due = (ages >= 0) & (ages < chunks.shape[2])
    if not due.any(1).all():
        rows = (~due.any(1)).nonzero()[:, 0].tolist()
        raise ConfigError(f"no chunk covers the present step of rows {rows}. Push one before asking for an action.")
    index = ages.clamp(0, chunks.shape[2] - 1)[..., None, None].expand(-1, -1, 1, chunks.shape[3])
    # Not by weight 0 alone: what has no say may be anything, and NaN times 0 is NaN.
    actions = torch.where(due[..., None], chunks.gather(2, index)[:, :, 0], 0.0)
    newest = ages.where(due, torch.iinfo(ages.dtype).max).argmin(1)
    if ensembling == "latest":
        return actions[torch.arange(len(actions), device=actions.device), newest]
    if ensembling == "average":
        older = (ages[:, None, :] > ages[:, :, None]) & due[:, None, :]
        score = -decay * older.sum(2).to(actions.dtype)
    else:
        reference = actions[torch.arange(len(actions), device=actions.device), newest]
        score = alpha * torch.cosine_similarity(actions, reference[:, None], dim=-1)
    weights = score.masked_fill(~due, -torch.inf).softmax(1)
    return (weights[..., None] * actions).sum(1)


@dataclass(frozen=True)
class ActionEnsemble:
    """Remembers the last chunks of each row and blends them; all it remembers is in a state it is given.

    State: ``chunks`` [B, K, H, A], ``ages`` [B, K] int64, a negative age where there is no chunk.

    Args:
        ensembling: latest, average or adaptive; see ``blend``.
        length: K.
        alpha: of ``adaptive``.
        decay: of ``average``.

    Raises:
        ConfigError: a value is out of range.
    """

    ensembling: Ensembling = "latest"
    length: int = 1
    alpha: float = 0.1
    decay: float = 0.01

    def __post_init__(self) -> None:
        if self.ensembling not in get_args(Ensembling):
            known = get_args(Ensembling)
            raise ConfigError(f"ensembling {self.ensembling!r} does not exist. {suggest(str(self.ensembling), known)}")
        if self.length < 1:
            raise ConfigError(f"length must be at least 1, not {self.length}.")
        if not (0 <= self.alpha < float("inf") and 0 <= self.decay < float("inf")):
            raise ConfigError(f"alpha and decay must be numbers >= 0, not {self.alpha} and {self.decay}.")

    def initial_state(self, batch: int, chunk: int, action: int) -> dict[str, Tensor]:
        """Return the state of B rows without a chunk."""
        return {
            "chunks": torch.zeros(batch, self.length, chunk, action),
            "ages": torch.full((batch, self.length), -1, dtype=torch.int64),
        }

    def wants(self, state: dict[str, Tensor], execute: int) -> Tensor:
        """Return which rows have no chunk younger than ``execute`` steps, [B] bool: they need a new one."""
        ages = state["ages"]
        return ~((ages >= 0) & (ages < min(execute, state["chunks"].shape[2]))).any(1)

    def push(self, state: dict[str, Tensor], chunks: Tensor, rows: Tensor) -> dict[str, Tensor]:
        """Add a chunk that begins now in place of the oldest.

        Args:
            state: is left as it is.
            chunks: [B, H, A]; what stands in rows that get none is not read.
            rows: [B] bool, which rows get one.
        """
        known, ages = state["chunks"], state["ages"]
        ages = torch.where((ages >= 0) & (ages < known.shape[2]), ages, torch.iinfo(ages.dtype).max)
        slot = torch.arange(self.length, device=ages.device) == ages.argmax(1, keepdim=True)
        replaced = slot & rows[:, None]
        return {
            "chunks": torch.where(replaced[..., None, None], chunks[:, None].to(known), known),
            "ages": torch.where(replaced, 0, state["ages"]),
        }

    def step(self, state: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the actions of the present step, [B, A], and the state of the next."""
        chunks, ages = state["chunks"], state["ages"]
        action = blend(chunks, ages, self.ensembling, alpha=self.alpha, decay=self.decay)
        return action, self.older(state)

    def older(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return the state a step later, whether or not an action was asked for."""
        chunks, ages = state["chunks"], state["ages"]
        older = torch.where(ages >= 0, ages + 1, ages)
        return {"chunks": chunks, "ages": older.where(older < chunks.shape[2], -1)}

    def forget(self, state: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """Return the state without the chunks of ``rows`` [B] bool, e.g. where an episode begins."""
        return {
            "chunks": state["chunks"].masked_fill(rows[:, None, None, None], 0.0),
            "ages": state["ages"].masked_fill(rows[:, None], -1),
        }
