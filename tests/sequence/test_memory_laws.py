"""Laws that every registered memory keeps; a new memory is swept without a line here."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from robomem.errors import ConfigError, UnknownNameError
from robomem.sequence import SequenceMemory, make, memories

INPUT, BATCH, STEPS = 5, 3, 14

# Small enough that windows slide, chunks close, rings overflow and scans cross blocks within STEPS steps.
STRESSED = {
    "gru": {"width": 7, "layers": 2},
    "lstm": {"width": 7, "layers": 2},
    "transformer_xl": {"width": 8, "layers": 2, "heads": 2, "window": 3},
    "hcam": {"width": 8, "layers": 2, "heads": 2, "chunk_size": 2, "top_k": 2, "max_chunks": 3, "window": 3},
    "mamba2": {"width": 8, "layers": 2, "state_size": 4, "head_size": 4, "block": 5},
}
every_memory = pytest.mark.parametrize(("name", "config"), [(name, STRESSED.get(name, {})) for name in memories])
as_shipped = pytest.mark.parametrize(("name", "config"), [(name, {}) for name in memories])


def build(name: str, config: dict, dtype: torch.dtype = torch.float64) -> SequenceMemory:
    torch.manual_seed(0)
    memory = make(name, input_size=INPUT, **config).to(dtype)
    with torch.no_grad():
        for parameter in memory.parameters():  # so that what begins at zero, or at one, does not hide a mistake
            parameter += 0.1 * torch.randn_like(parameter)
    return memory


def rollout(seed: int, memory: SequenceMemory, steps: int = STEPS, odds: float = 0.15, warm: int = 9):
    """Features, a used starting state and resets."""
    generator = torch.Generator().manual_seed(seed)
    dtype = next((p.dtype for p in memory.parameters()), torch.float64)
    x = torch.randn(BATCH, warm + steps, INPUT, generator=generator, dtype=dtype)
    reset = torch.rand(BATCH, warm + steps, generator=generator) < odds
    state = memory.initial_state(BATCH)
    if warm:
        with torch.no_grad():
            _, state = memory(x[:, :warm], state, reset[:, :warm])
    return x[:, warm:], state, reset[:, warm:]


def by_steps(memory: SequenceMemory, x, state, reset):
    outputs = []
    for t in range(x.shape[1]):
        y, state = memory.step(x[:, t], state, reset[:, t])
        outputs.append(y)
    return torch.stack(outputs, 1), state


def copy(state):
    return {key: value.clone() for key, value in state.items()}


def close(a, b, tolerance: float = 1e-9) -> None:
    torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


def same_future(memory: SequenceMemory, a, b, tolerance: float = 1e-9) -> None:
    """Two states are equal if nothing that follows tells them apart (slots not yet written may differ)."""
    assert {k: v.shape for k, v in a.items()} == {k: v.shape for k, v in b.items()}
    x, _, reset = rollout(99, memory, warm=0, odds=0.0)
    close(memory(x, a, reset)[0], memory(x, b, reset)[0], tolerance)


@every_memory
@settings(max_examples=5)
@given(seed=st.integers(0, 2**20), odds=st.sampled_from([0.0, 0.1, 0.5]), warm=st.integers(0, 11))
def test_step_equals_forward(name, config, seed, odds, warm):
    memory = build(name, config)
    x, state, reset = rollout(seed, memory, odds=odds, warm=warm)
    expected, last = by_steps(memory, x, state, reset)
    actual, after = memory(x, state, reset)
    close(actual, expected)
    same_future(memory, after, last)


@as_shipped
def test_step_equals_forward_in_single_precision(name, config):
    memory = build(name, config, torch.float32)
    x, state, reset = rollout(3, memory, steps=50, odds=0.03)
    close(memory(x, state, reset)[0], by_steps(memory, x, state, reset)[0], 1e-5)


@every_memory
@settings(max_examples=4)
@given(seed=st.integers(0, 2**20), cut=st.integers(1, STEPS - 1))
def test_forward_splits_anywhere(name, config, seed, cut):
    memory = build(name, config)
    x, state, reset = rollout(seed, memory)
    whole, _ = memory(x, state, reset)
    head, middle = memory(x[:, :cut], state, reset[:, :cut])
    tail, _ = memory(x[:, cut:], middle, reset[:, cut:])
    close(torch.cat([head, tail], 1), whole)


@every_memory
def test_consuming_step_equals_step(name, config):
    memory = build(name, config)
    x, state, reset = rollout(4, memory)
    expected, last = by_steps(memory, x, state, reset)
    owned = copy(state)
    with torch.no_grad():
        for t in range(STEPS):
            y, owned = memory.step_(x[:, t], owned, reset[:, t])
            close(y, expected[:, t])
    same_future(memory, owned, last)


@every_memory
def test_step_and_forward_leave_the_state_alone(name, config):
    memory = build(name, config)
    x, state, reset = rollout(5, memory)
    before = copy(state)
    by_steps(memory, x, state, reset)
    memory(x, state, reset)
    for key, value in before.items():
        assert torch.equal(state[key], value), key


@every_memory
def test_a_reset_cuts_the_past_off(name, config):
    memory = build(name, config)
    x, state, reset = rollout(6, memory, odds=0.0)
    cut = 9
    reset[:, cut] = True
    y, _ = memory(x, state, reset)
    fresh, _ = memory(x[:, cut:], memory.initial_state(BATCH), torch.zeros_like(reset[:, cut:]))
    close(y[:, cut:], fresh, 1e-12)
    poisoned = {k: torch.full_like(v, torch.nan) if v.is_floating_point() else v for k, v in state.items()}
    first = torch.ones(BATCH, dtype=torch.bool)
    clean, _ = memory.step(x[:, 0], memory.initial_state(BATCH), first)
    assert torch.equal(memory.step(x[:, 0], poisoned, first)[0], clean)


@every_memory
def test_the_future_does_not_touch_the_past(name, config):
    memory = build(name, config)
    x, state, reset = rollout(7, memory)
    y, _ = memory(x, state, reset)
    for t in (1, 7, STEPS - 1):
        other, swapped = x.clone(), reset.clone()
        other[:, t:] += torch.randn_like(other[:, t:])
        swapped[:, t:] = ~swapped[:, t:]
        z, _ = memory(other, state, swapped)
        close(z[:, :t], y[:, :t], 1e-12)


@every_memory
def test_rows_do_not_mix(name, config):
    memory = build(name, config)
    x, state, reset = rollout(8, memory)
    y, after = memory(x, state, reset)
    for row in range(BATCH):
        alone = {key: value[row : row + 1] for key, value in state.items()}
        z, rest = memory(x[row : row + 1], alone, reset[row : row + 1])
        close(z[0], y[row], 1e-11)
        assert {k: v.shape[1:] for k, v in rest.items()} == {k: v.shape[1:] for k, v in after.items()}


@every_memory
def test_a_diverged_row_does_not_reach_the_others(name, config):
    memory = build(name, config)
    x, state, reset = rollout(13, memory)
    y, _ = memory(x, state, reset)
    first, _ = memory.step(x[:, 0], state, reset[:, 0])
    x[0], reset[0] = torch.nan, False
    for value in state.values():
        if value.is_floating_point():
            value[0] = torch.nan
    x.requires_grad_()
    z, _ = memory(x, state, reset)
    close(z[1:], y[1:])
    close(memory.step(x[:, 0], state, reset[:, 0])[0][1:], first[1:])
    assert torch.isfinite(torch.autograd.grad(z[1:].square().sum(), x)[0][1:]).all()


@every_memory
def test_state_resumes_from_safetensors_mid_episode(name, config):
    memory = build(name, config)
    x, state, reset = rollout(9, memory)
    whole, _ = by_steps(memory, x, state, reset)
    _, middle = by_steps(memory, x[:, :10], state, reset[:, :10])
    restored = load(save({key: value.contiguous() for key, value in middle.items()}))
    resumed, _ = by_steps(memory, x[:, 10:], restored, reset[:, 10:])
    assert torch.equal(resumed, whole[:, 10:])


@every_memory
def test_state_is_batch_first_and_of_fixed_shape(name, config):
    memory = build(name, config)
    x, state, reset = rollout(10, memory)
    initial = memory.initial_state(BATCH)
    for after in (state, memory(x, state, reset)[1], memory.step(x[:, 0], state, reset[:, 0])[1]):
        assert {k: (v.shape, v.dtype) for k, v in after.items()} == {k: (v.shape, v.dtype) for k, v in initial.items()}
        assert all(v.shape[0] == BATCH for v in after.values())


@every_memory
def test_output_size_and_finite_gradients(name, config):
    memory = build(name, config)
    x, state, reset = rollout(11, memory)
    x.requires_grad_()
    y, _ = memory(x, state, reset)
    assert y.shape == (BATCH, STEPS, memory.output_size)
    assert memory.input_size == INPUT
    y.square().sum().backward()
    assert torch.isfinite(x.grad).all()
    assert x.grad.abs().sum() > 0
    for key, parameter in memory.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key


def test_learning_needs_a_past():
    """Every memory but the memoryless one answers differently to a different past."""
    for name in memories:
        memory = build(name, STRESSED.get(name, {}))
        x, state, reset = rollout(12, memory, odds=0.0)
        other = x.clone()
        other[:, 2] += 1.0
        differs = not torch.equal(memory(x, state, reset)[0][:, 4:], memory(other, state, reset)[0][:, 4:])
        assert differs == (name != "none"), name


def test_wrong_configurations_are_refused():
    with pytest.raises(UnknownNameError, match="Did you mean 'hcam'"):
        make("hcan", input_size=3)
    with pytest.raises(ConfigError, match="unexpected keyword"):
        make("gru", input_size=3, depth=2)
    for name in memories:
        with pytest.raises(ConfigError, match="input_size"):
            make(name, input_size=0)
