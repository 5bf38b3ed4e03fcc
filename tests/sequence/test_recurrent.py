"""GRU and LSTM against torch's own cells, looped."""

import pytest
import torch
from torch import nn

from robomem.errors import ConfigError
from robomem.sequence import make


@pytest.mark.parametrize("odds", [0.0, 0.1, 0.9])
@pytest.mark.parametrize(("name", "cell_type"), [("gru", nn.GRUCell), ("lstm", nn.LSTMCell)])
def test_forward_is_the_cell_loop(name, cell_type, odds):
    torch.manual_seed(1)
    memory = make(name, input_size=4, width=6).double()
    cell = cell_type(4, 6).double()
    cell.load_state_dict({key.removesuffix("_l0"): value for key, value in memory.core.state_dict().items()})
    x = torch.randn(5, 17, 4, dtype=torch.float64, requires_grad=True)
    reset = torch.rand(5, 17) < odds
    state = {key: torch.randn_like(value, requires_grad=True) for key, value in memory.initial_state(5).items()}

    parts = [value[:, 0] for value in state.values()]
    outputs = []
    for t in range(17):
        parts = [torch.where(reset[:, t, None], 0.0, part) for part in parts]
        result = cell(x[:, t], parts[0] if name == "gru" else tuple(parts))
        parts = [result] if name == "gru" else list(result)
        outputs.append(parts[0])
    expected = torch.stack(outputs, 1)

    actual, after = memory(x, state, reset)
    torch.testing.assert_close(actual, expected, rtol=1e-12, atol=1e-12)
    for value, part in zip(after.values(), parts, strict=True):
        torch.testing.assert_close(value[:, 0], part, rtol=1e-12, atol=1e-12)
    leaves = [x, *state.values()]
    weigh = torch.randn_like(expected)
    for a, b in zip(
        torch.autograd.grad((actual * weigh).sum(), leaves),
        torch.autograd.grad((expected * weigh).sum(), leaves),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-11)


def test_learning_runs_no_python_loop_over_time(monkeypatch):
    memory = make("gru", input_size=4, width=6)
    calls = []
    monkeypatch.setattr(memory.core, "forward", lambda *a, run=memory.core.forward: calls.append(1) or run(*a))
    reset = torch.rand(3, 50) < 0.1
    memory(torch.randn(3, 50, 4), memory.initial_state(3), reset)
    assert len(calls) == 1


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_units_start_out_remembering_over_their_span(name):
    """What is left of a first input after 40 steps: nothing with PyTorch's own initialisation (span 0)."""

    def left(span):
        torch.manual_seed(0)
        memory = make(name, input_size=4, width=64, span=span)
        x = torch.zeros(1, 41, 4)
        x[:, 0] = torch.randn(4)
        x.requires_grad_()
        y, _ = memory(x, memory.initial_state(1), torch.zeros(1, 41, dtype=torch.bool))
        (gradient,) = torch.autograd.grad(y[:, -1].square().sum(), x)
        return gradient[0, 0].norm().item()

    assert left(100) > 1e4 * left(0)


def test_a_span_below_zero_is_refused():
    with pytest.raises(ConfigError, match="span must be"):
        make("gru", input_size=4, span=-1)
