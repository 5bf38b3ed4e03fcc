"""Banks and streams of frames for the tests."""

import torch
from bank_reference import ReferenceBank
from hypothesis import strategies as st

from robomem.bank import BankConfig, TokenBank

N, D = 3, 8

configs = st.builds(
    BankConfig,
    length=st.integers(1, 6),
    layers=st.integers(1, 2),
    heads=st.sampled_from([1, 2]),
    consolidate=st.sampled_from(["merge", "weighted_merge", "fifo", "none"]),
    merged_time=st.sampled_from(["first", "average"]),
    store=st.sampled_from(["raw", "fused"]),
    backprop=st.sampled_from(["within_group", "detach", "tbptt"]),
    horizon=st.integers(1, 4),
    fusion=st.sampled_from(["gate", "add", "none"]),
    time=st.sampled_from(["absolute", "none"]),
    unit=st.sampled_from([1.0, 5.0]),
)


def build(config, dtype=torch.float64, tokens=N, width=D) -> TokenBank:
    torch.manual_seed(0)
    bank = TokenBank(tokens, width, config).to(dtype)
    with torch.no_grad():
        for parameter in bank.parameters():  # so that what begins at zero, or at one, does not hide a mistake
            parameter += 0.2 * torch.randn_like(parameter)
    return bank


def stream(seed, rows, frames, dtype=torch.float64, tokens=N, width=D):
    """Frames, increasing times that leave gaps, and which frames are no padding (any of them here)."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(rows, frames, tokens, width, generator=generator, dtype=dtype)
    time = torch.randint(1, 9, (rows, frames), generator=generator).cumsum(1).float()
    return x, time, torch.rand(rows, frames, generator=generator) < 0.8


def by_steps(bank, x, time, state=None, start=None):
    """What ``forward`` says of frames that are all valid, one step at a time."""
    state = bank.initial_state(len(x)) if state is None else state
    start = torch.zeros(len(x), dtype=torch.bool) if start is None else start
    fused = []
    for t in range(x.shape[1]):
        answer, state = bank.step(x[:, t], time[:, t], state, start)
        start = torch.zeros_like(start)
        fused.append(answer)
    return torch.stack(fused, 1), state


def by_reference(bank, x, time, valid):
    """Fused tokens [G, T, N, D], zero in padding, and the entries of each row."""
    fused, entries = torch.zeros_like(x), []
    for row in range(len(x)):
        reference = ReferenceBank(bank)
        for t in range(x.shape[1]):
            if valid[row, t]:
                fused[row, t] = torch.from_numpy(reference.step(x[row, t].numpy(), float(time[row, t])))
        entries.append(reference.entries)
    return fused, entries


def same_entries(state, entries, tolerance=1e-9) -> None:
    for row, expected in enumerate(entries):
        count = len(expected)
        assert state["length"][row] == count
        assert state["count"][row].tolist() == [n for _, _, n in expected] + [0] * (state["count"].shape[1] - count)
        for place, (tokens, time, _) in enumerate(expected):
            torch.testing.assert_close(state["tokens"][row, place], torch.from_numpy(tokens), atol=tolerance, rtol=0)
            torch.testing.assert_close(float(state["time"][row, place]), float(time), atol=1e-3, rtol=1e-6)
        assert not state["tokens"][row, count:].any()
        assert not state["time"][row, count:].any()


def close(a, b, tolerance=1e-9) -> None:
    torch.testing.assert_close(a, b, atol=tolerance, rtol=0)


def same_state(a, b, tolerance=1e-9) -> None:
    assert a.keys() == b.keys()
    for name in a:
        close(a[name], b[name], 1e-3 if name == "time" else tolerance)


def rows_of(state, rows):
    return {name: value[rows] for name, value in state.items()}
