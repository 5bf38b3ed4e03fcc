"""The symbolic memory of a policy: a witness names what goes on, a chronicle keeps it, rules say what to do next.

Letters in shapes: B rows, M frames, G groups of T of them, N perceptual tokens of width D.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from robomem.data.batch import Batch
from robomem.data.imitation import DataSpec
from robomem.errors import ConfigError
from robomem.types import BoolArray, PolicyState
from robomem_policies.memory_vla import instruction
from robomem_policies.memory_vla.acting import SYMBOLIC, TEXT, State
from robomem_policies.memory_vla.symbolic.chronicle import BYTES, happened, noted
from robomem_policies.memory_vla.symbolic.subgoals import subgoal

__all__ = ["Symbolic"]

_HIDDEN = 128
_BLIND = "symbolic learns from what goes on in each frame; set loading.happenings."
_TOLD, _LOG, _LAST = f"{SYMBOLIC}told", f"{SYMBOLIC}log", f"{SYMBOLIC}last"


class Symbolic(nn.Module):
    """Sees what goes on in each frame and tells the policy what to do next.

    Counting and order are what a text keeps better than tokens do (RoboMME, arXiv 2603.04639: symbolic memories win
    counting). The policy reads the subgoal of the frames before the present one, so that its encoder may read the text
    together with the picture.

    Args:
        names: of what may go on.
        tokens, width: N and D.

    Raises:
        ConfigError: there is nothing to see, or a name that a chronicle cannot hold.
    """

    def __init__(self, names: Sequence[str], *, tokens: int, width: int) -> None:
        super().__init__()
        if not names:
            raise ConfigError("symbolic needs data that say what goes on (annotation.happening); these do not.")
        for name in names:
            if noted("", name) != name or {";", "("} & {*name} or not 0 < len(name) <= 80:
                raise ConfigError(
                    f"happenings: {name!r} must be words, 80 characters at most, without ; and ( and a full stop."
                )
        self.names = tuple(names)
        self.witness = nn.Sequential(
            nn.LayerNorm(tokens * width),
            nn.Linear(tokens * width, _HIDDEN),
            nn.GELU(),
            nn.Linear(_HIDDEN, len(names) + 1),
        )

    # Learning

    def known(self, spec: DataSpec) -> Sequence[str]:
        """Return every text that the policy is told while it learns from such data."""
        pairs = [(task, _log(self.names, numbers)) for task in spec.tasks for numbers in spec.histories or ((),)]
        return tuple(dict.fromkeys(_next(task, log) for task, log in pairs))

    def texts(self, batch: Batch[Tensor]) -> list[str]:
        """Return what the policy is told in each frame: M subgoals, those of the first group first.

        Raises:
            ConfigError: the batch does not say what happened before its frames.
        """
        if batch.history is None:
            raise ConfigError(_BLIND)
        logs = [[_log(self.names, tuple(filter(None, row))) for row in group] for group in batch.history.tolist()]
        return [_next(told, log) for told, group in zip(batch.text, logs, strict=True) for log in group]

    def loss(self, perceptual: Tensor, batch: Batch[Tensor]) -> Tensor:
        """Return the witness's mean cross-entropy over valid frames, a scalar.

        Args:
            perceptual: [G, T, N, D], before any memory.
            batch: of these frames.

        Raises:
            ConfigError: the batch does not say what goes on in its frames.
        """
        if batch.happening is None:
            raise ConfigError(_BLIND)
        target = torch.where(batch.valid, batch.happening, -1).flatten()
        logits = self._named(perceptual.flatten(0, 1))
        total = functional.cross_entropy(logits, target, ignore_index=-1, reduction="sum")
        return total / batch.valid.sum().clamp(min=1)

    # Acting

    def initial_state(self, told: npt.NDArray[np.uint8]) -> State:
        """Return the chronicles of rows that are to do ``told`` [B, 512], and what they do first."""
        rows = len(told)
        empty: State = {_LOG: np.zeros((rows, BYTES), np.uint8), _LAST: np.zeros(rows, np.int64)}
        return self.begun({_TOLD: told, TEXT: told, **empty}, np.ones(rows, bool))

    def begun(self, state: State, start: BoolArray) -> State:
        """Return a copy in which rows that start an episode have seen nothing yet."""
        if not start.any():
            return state
        text = state[TEXT].copy()
        text[start] = instruction.encode([_next(told, "") for told in instruction.decode(state[_TOLD][start])])
        log, last = (np.where(blank, 0, state[name]) for name, blank in ((_LOG, start[:, None]), (_LAST, start)))
        return {**state, TEXT: text, _LOG: log, _LAST: last}

    def written(self, state: PolicyState) -> list[str]:
        """Return the chronicle of each row."""
        return instruction.decode(state[_LOG])

    def watch(self, perceptual: Tensor, rows: npt.NDArray[np.int64], state: State) -> None:
        """Look at frames of ``rows`` and write into ``state`` what began in them and what to do next.

        Args:
            perceptual: [M, N, D] of these rows, before any memory.
            rows: [M]; one that comes again, as a tile of fixed size repeats its last, is looked at once.
            state: its arrays are changed.
        """
        rows, once = np.unique(rows, return_index=True)
        seen = self._named(perceptual).argmax(-1).cpu().numpy()[once]
        begins = (seen != 0) & (seen != state[_LAST][rows])
        state[_LAST][rows] = seen
        for row, number in zip(rows[begins].tolist(), seen[begins].tolist(), strict=True):
            (log,), (told,) = instruction.decode(state[_LOG][[row]]), instruction.decode(state[_TOLD][[row]])
            log = noted(log, self.names[number - 1])
            state[_LOG][row] = instruction.encode([log], BYTES)[0]
            state[TEXT][row] = instruction.encode([_next(told, log)])[0]

    def _named(self, perceptual: Tensor) -> Tensor:
        logits: Tensor = self.witness(perceptual.flatten(1)).float()
        return logits


@functools.lru_cache(maxsize=4096)
def _log(names: tuple[str, ...], numbers: tuple[int, ...]) -> str:
    log = ""
    for number in numbers:
        log = noted(log, names[number - 1])
    return log


@functools.lru_cache(maxsize=4096)
def _next(told: str, log: str) -> str:
    """Return the subgoal, of as much of what happened as an instruction has room for; the oldest is left out first."""
    known = list(happened(log))
    while len((text := subgoal(told, known)).encode()) > instruction.LONGEST and known:
        del known[0]
    return text
