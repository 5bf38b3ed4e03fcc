"""One stream of the memory bank: N tokens of width D a frame.

Letters in shapes: B rows (environments), G groups, T frames of a group, L entries, N tokens, D width.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from robomem.bank import block_triangular
from robomem.bank.config import BankConfig
from robomem.bank.fusion import MemoryFusion
from robomem.bank.inspection import Inspection
from robomem.bank.retrieval import Retrieval
from robomem.bank.state import BankState, check, detach, empty, forget
from robomem.bank.time_encoding import TimeEncoding
from robomem.bank.writing import write
from robomem.errors import ConfigError, DataError

__all__ = ["TokenBank"]


class TokenBank(nn.Module):
    """Remembers tokens of frames, each with the environment step at which it came, in explicit state.

    ``step`` is for acting, ``forward`` for learning, and they agree. Rows do not mix. In batches of eight rows, with
    widths that are multiples of eight, ``step`` gives a row the same to the last bit whatever its place and company:
    the shapes of its products depend on nothing that is remembered. In other batches, and in ``forward``, matrix
    kernels may round the last bits otherwise.

    Args:
        tokens: N.
        width: D.
        config: everything else, or a mapping of its fields.

    Raises:
        ConfigError: a value out of range.
    """

    def __init__(self, tokens: int, width: int, config: BankConfig | Mapping[str, object] | None = None) -> None:
        super().__init__()
        for name, value in (("tokens", tokens), ("width", width)):
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ConfigError(f"memory bank: {name} must be an integer >= 1, not {value!r}.")
        self.tokens, self.width, self.config = tokens, width, BankConfig.of(config)
        self.time_encoding = TimeEncoding(width, self.config.unit) if self.config.time == "absolute" else None
        self.retrieval = Retrieval(width, self.config.layers, self.config.heads)
        self.fusion = MemoryFusion(width, self.config.fusion, self.config.gate_bias)

    def initial_state(self, batch: int, device: torch.device | str | None = None) -> BankState:
        """Return B empty banks, on ``device`` or where the parameters are."""
        return empty(batch, self.config.length, self.tokens, next(self.retrieval.parameters()), device)

    def step(self, x: Tensor, time: Tensor, state: Mapping[str, Tensor], start: Tensor) -> tuple[Tensor, BankState]:
        """Retrieve from the past, fuse, write.

        Args:
            x: [B, N, D] tokens of the present frame.
            time: [B] environment steps since the episode began.
            state: what the previous step returned; it is not modified.
            start: [B] bool, True where an episode begins: the row's state is then ignored.

        Returns:
            The fused tokens [B, N, D], and the state with this frame in it.

        Raises:
            ConfigError: shapes that do not fit the bank.
            DataError: tokens or times that are not finite; nothing is written.
        """
        self._check_shape(x, time, ("B",))
        time, state = self._admit(x, time, state, start)
        return self._advance(x, time, state, torch.ones_like(start))

    def observe(self, x: Tensor, time: Tensor, state: Mapping[str, Tensor], start: Tensor) -> BankState:
        """Write a frame without acting on it; arguments and errors are those of ``step``.

        Raw tokens are written without retrieving anything; fused ones have to be fused first.
        """
        self._check_shape(x, time, ("B",))
        time, state = self._admit(x, time, state, start)
        written = x if self.config.store == "raw" else self._fuse(x, state)
        return self._write(written, time, state, torch.ones_like(start))

    def forward(
        self,
        x: Tensor,
        time: Tensor,
        valid: Tensor,
        state: Mapping[str, Tensor] | None = None,
        start: Tensor | None = None,
    ) -> tuple[Tensor, BankState]:
        """Go through T frames; equal to T steps.

        As many frames as fit before a bank of the batch is full are computed at once (raw tokens only), the others one
        after the other. No gradient reaches the state that comes in, and none the one that is returned.

        Args:
            x: [G, T, N, D]; what stands in padding does not matter.
            time: [G, T] environment steps.
            valid: [G, T] bool, False in padding, which is not written and comes out as zero.
            state: where the groups go on from; empty banks if None.
            start: [G] bool, True where ``state`` is to be ignored; nowhere if None.

        Returns:
            The fused tokens [G, T, N, D], and the state after the last frame.

        Raises:
            ConfigError: shapes that do not fit the bank.
            DataError: tokens or times that are not finite.
        """
        if valid.shape != time.shape:
            raise ConfigError(f"valid is {list(valid.shape)}, time is {list(time.shape)}; both are one for each frame.")
        self._check_shape(x, time, ("G", "T"))
        x, time = torch.where(valid[..., None, None], x, 0), torch.where(valid, time, 0)
        state = self.initial_state(len(x), x.device) if state is None else detach(state)
        time, state = self._admit(x, time, state, torch.zeros_like(valid[:, 0]) if start is None else start)
        together, held = block_triangular.fitting(valid, state["length"], self.config.length)
        if self.config.store == "fused":
            together = 0
        fused: list[Tensor] = []
        if together:
            block, state = self._together(x[:, :together], time[:, :together], valid[:, :together], state, held)
            fused.append(block)
        for t in range(together, x.shape[1]):
            if self.config.backprop == "tbptt" and t % self.config.horizon == 0:
                state = detach(state)
            answer, state = self._advance(x[:, t], time[:, t], state, valid[:, t], held + t)
            fused.append(answer[:, None])
        return torch.where(valid[..., None, None], torch.cat(fused, 1), 0), detach(state)

    def inspect(self, x: Tensor, time: Tensor, state: Mapping[str, Tensor]) -> Inspection:
        """Return what is remembered and what these tokens look at; arguments are those of ``step``. Nothing changes."""
        self._check_shape(x, time, ("B",))
        time, state = self._admit(x, time, state, torch.zeros_like(time, dtype=torch.bool))
        entries, exists = state["tokens"], self._exists(state)[:, None]
        with torch.no_grad():
            asked = (x[:, None], self._keys(entries, state["time"]), entries, exists)
            attention, h = self.retrieval.mass(*asked)[:, 0], self.retrieval(*asked)[:, 0]
            gate = self.fusion.share(x, h).mean((1, 2))
        return Inspection(state["time"], state["count"], attention, gate, time)

    def _advance(
        self, x: Tensor, time: Tensor, state: BankState, wanted: Tensor, held: int | None = None
    ) -> tuple[Tensor, BankState]:
        fused = self._fuse(x, state, held)
        return fused, self._write(x if self.config.store == "raw" else fused, time, state, wanted)

    def _fuse(self, x: Tensor, state: BankState, held: int | None = None) -> Tensor:
        """Retrieve and fuse; no row has more than ``held`` entries."""
        entries = state["tokens"][:, :held]
        if not entries.shape[1]:
            return self.fusion(x, x)  # type: ignore[no-any-return]
        exists = self._exists(state)[:, None, :held]
        h = self.retrieval(x[:, None], self._keys(entries, state["time"][:, :held]), entries, exists)
        return self.fusion(x, h[:, 0])  # type: ignore[no-any-return]

    def _write(self, x: Tensor, time: Tensor, state: BankState, wanted: Tensor) -> BankState:
        return write(x.detach() if self.config.backprop == "detach" else x, time, state, self.config, wanted)

    def _together(
        self, x: Tensor, time: Tensor, valid: Tensor, state: BankState, held: int
    ) -> tuple[Tensor, BankState]:
        frames, config = x.shape[1], self.config
        written = x.detach() if config.backprop == "detach" else x
        horizon = config.horizon if config.backprop == "tbptt" else frames
        h = block_triangular.retrieve(self.retrieval, self._keys, x, written, time, valid, state, held, horizon)
        cut = frames - frames % horizon if config.backprop == "tbptt" else 0
        written = torch.cat([written[:, :cut].detach(), written[:, cut:]], 1) if cut else written
        return self.fusion(x, h), block_triangular.append(written, time, valid, state)

    def _keys(self, entries: Tensor, times: Tensor) -> Tensor:
        return entries if self.time_encoding is None else entries + self.time_encoding(times)[..., None, :]

    def _exists(self, state: Mapping[str, Tensor]) -> Tensor:
        return torch.arange(self.config.length, device=state["length"].device) < state["length"][:, None]

    def _admit(self, x: Tensor, time: Tensor, state: Mapping[str, Tensor], start: Tensor) -> tuple[Tensor, BankState]:
        """Refuse what does not fit, and return the times as they are kept and the state without the rows that start."""
        if start.shape != x.shape[:1]:
            raise ConfigError(f"start is {list(start.shape)}; it is one for each row, [{len(x)}].")
        check(state, len(x), self.config.length, self.tokens, self.width)
        if not (x.isfinite().all() and time.isfinite().all()):
            raise DataError(
                "tokens or times for the memory bank are not finite: an observation was NaN, or the encoder diverged. "
                "Nothing was written."
            )
        return time.float(), forget(state, start)

    def _check_shape(self, x: Tensor, time: Tensor, axes: tuple[str, ...]) -> None:
        if x.dim() != len(axes) + 2 or x.shape[-2:] != (self.tokens, self.width) or time.shape != x.shape[:-2]:
            letters = ", ".join(axes)
            raise ConfigError(
                f"the memory bank takes tokens [{letters}, {self.tokens}, {self.width}] and times [{letters}], "
                f"not {list(x.shape)} and {list(time.shape)}."
            )
