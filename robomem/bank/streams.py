"""Both streams of the perceptual-cognitive memory bank: details of the scene, and the gist of the situation.

Letters in shapes: B rows (environments), G groups, T frames of a group, N perceptual tokens, K cognitive tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

import torch
from torch import Tensor, nn

from robomem.bank.config import BankConfig
from robomem.bank.inspection import Inspection
from robomem.bank.state import BankState
from robomem.bank.token_bank import TokenBank
from robomem.errors import ConfigError, suggest

__all__ = ["STREAMS", "PerceptualCognitiveBank", "Tokens"]

STREAMS = ("perceptual", "cognitive")

Tokens: TypeAlias = tuple[Tensor, Tensor]
"""(perceptual [..., N, D_p], cognitive [..., K, D_c]) of the same frames."""


class PerceptualCognitiveBank(nn.Module):
    """A bank a stream, with weights and entries of its own; a stream that is left out passes through.

    The state is that of the banks, each name with its stream before it: ``perceptual.tokens``, ``cognitive.length``.

    Args:
        perceptual: (N, D_p).
        cognitive: (K, D_c); K is 1 in MemoryVLA.
        config: of both banks, or a mapping of its fields.
        streams: which of "perceptual" and "cognitive" remember.

    Raises:
        ConfigError: a stream that does not exist, or a value out of range.
    """

    def __init__(
        self,
        perceptual: tuple[int, int],
        cognitive: tuple[int, int],
        config: BankConfig | Mapping[str, object] | None = None,
        streams: Sequence[str] = STREAMS,
    ) -> None:
        super().__init__()
        if isinstance(streams, str):
            raise ConfigError(f"streams is the word {streams!r}; it is a list of words: ({streams!r},).")
        for name in streams:
            if name not in STREAMS:
                raise ConfigError(f"memory stream {name!r} does not exist. {suggest(str(name), STREAMS)}")
        sizes = dict(zip(STREAMS, (perceptual, cognitive)))
        self.banks = nn.ModuleDict({name: TokenBank(*sizes[name], config) for name in STREAMS if name in streams})

    def initial_state(self, batch: int, device: torch.device | str | None = None) -> BankState:
        """Return B empty pairs of banks."""
        return _joined({name: bank.initial_state(batch, device) for name, bank in self._each()})

    def step(self, x: Tokens, time: Tensor, state: Mapping[str, Tensor], start: Tensor) -> tuple[Tokens, BankState]:
        """Retrieve from the past, fuse, write: see ``TokenBank.step``."""
        fused, after = dict(zip(STREAMS, x)), {}
        for name, bank in self._each():
            fused[name], after[name] = bank.step(fused[name], time, _part(state, name), start)
        return (fused["perceptual"], fused["cognitive"]), _joined(after)

    def observe(self, x: Tokens, time: Tensor, state: Mapping[str, Tensor], start: Tensor) -> BankState:
        """Write a frame without acting on it: see ``TokenBank.observe``."""
        tokens = dict(zip(STREAMS, x))
        return _joined(
            {name: bank.observe(tokens[name], time, _part(state, name), start) for name, bank in self._each()}
        )

    def forward(
        self,
        x: Tokens,
        time: Tensor,
        valid: Tensor,
        state: Mapping[str, Tensor] | None = None,
        start: Tensor | None = None,
    ) -> tuple[Tokens, BankState]:
        """Go through T frames: see ``TokenBank.forward``. A stream that is left out is not touched by padding."""
        fused, after = dict(zip(STREAMS, x)), {}
        for name, bank in self._each():
            before = None if state is None else _part(state, name)
            fused[name], after[name] = bank(fused[name], time, valid, before, start)
        return (fused["perceptual"], fused["cognitive"]), _joined(after)

    def inspect(self, x: Tokens, time: Tensor, state: Mapping[str, Tensor]) -> dict[str, Inspection]:
        """Return what each stream remembers and looks at, by its name."""
        tokens = dict(zip(STREAMS, x))
        return {name: bank.inspect(tokens[name], time, _part(state, name)) for name, bank in self._each()}

    def _each(self) -> list[tuple[str, TokenBank]]:
        return [(name, cast(TokenBank, bank)) for name, bank in self.banks.items()]


def _joined(parts: Mapping[str, BankState]) -> BankState:
    return {f"{stream}.{name}": value for stream, part in parts.items() for name, value in part.items()}


def _part(state: Mapping[str, Tensor], stream: str) -> BankState:
    return {name.removeprefix(f"{stream}."): v for name, v in state.items() if name.startswith(f"{stream}.")}
