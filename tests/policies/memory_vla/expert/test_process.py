"""Sampling is diffusers' own, and that of a reference in float64; training noise is too."""

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from hypothesis import given, settings
from hypothesis import strategies as st

from robomem_policies.memory_vla.expert import ExpertConfig
from robomem_policies.memory_vla.expert.diffusion import Diffusion
from robomem_policies.memory_vla.expert.flow import Flow
from robomem_policies.memory_vla.expert.process import noise_process

SCHEDULE = {"beta_schedule": "squaredcos_cap_v2", "clip_sample": False}
FITTING = [(100, 10), (100, 1), (100, 25), (100, 50), (50, 10), (12, 4)]


def network(x, time):
    """Any function of chunk and time."""
    return torch.sin(3 * x + 0.1 * time) + 0.5 * x.flip(-1)


def sample(process, x, fresh=None):
    for number, step in enumerate(process.steps):
        x = step.chunk * x + step.output * network(x, step.time)
        if step.noise:
            x = x + step.noise * fresh[number]
    return x


def alphas_cumprod(train_steps):
    """Nichol and Dhariwal's cosine schedule in float64, capped at betas of 0.999."""
    f = np.cos((np.arange(train_steps + 1) / train_steps + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.cumprod(1 - np.minimum(1 - f[1:] / f[:-1], 0.999))


@pytest.mark.parametrize("prediction", ["epsilon", "sample"])
@pytest.mark.parametrize(("train_steps", "steps"), FITTING)
def test_ddim_is_that_of_diffusers_step_by_step(train_steps, steps, prediction):
    scheduler = DDIMScheduler(train_steps, prediction_type=prediction, set_alpha_to_one=True, **SCHEDULE)
    scheduler.set_timesteps(steps)
    process = Diffusion(train_steps, steps, prediction)
    x = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(0))
    assert [step.time for step in process.steps] == scheduler.timesteps.tolist()
    for step in process.steps:
        output = network(x, step.time)
        expected = scheduler.step(output, int(step.time), x).prev_sample
        x = step.chunk * x + step.output * output
        torch.testing.assert_close(x, expected, atol=2e-5 * float(expected.abs().max()), rtol=1e-5)
        x = expected
        assert step.noise == 0


@pytest.mark.parametrize("prediction", ["epsilon", "sample"])
@pytest.mark.parametrize(("train_steps", "steps"), [*FITTING, (20, 20)])
def test_ddpm_is_that_of_diffusers_step_by_step(train_steps, steps, prediction):
    scheduler = DDPMScheduler(train_steps, prediction_type=prediction, **SCHEDULE)
    scheduler.set_timesteps(steps)
    process = Diffusion(train_steps, steps, prediction, stochastic=True)
    x = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(0))
    for number, step in enumerate(process.steps):
        output = network(x, step.time)
        given = torch.Generator().manual_seed(number)
        expected = scheduler.step(output, int(step.time), x, generator=given).prev_sample
        z = torch.randn(x.shape, generator=given.manual_seed(number))
        x = step.chunk * x + step.output * output + step.noise * z
        torch.testing.assert_close(x, expected, atol=1e-4 * float(expected.abs().max()), rtol=1e-4)
        x = expected
    assert process.steps[-1].noise == 0
    assert steps == 1 or process.steps[0].noise > 0


@pytest.mark.parametrize(("train_steps", "steps"), FITTING)
def test_ddim_agrees_with_a_reference_in_float64(train_steps, steps):
    cumulative = alphas_cumprod(train_steps)
    process = Diffusion(train_steps, steps)
    start = torch.randn(5, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x, stride = start, train_steps // steps
    for time in range(train_steps - stride, -1, -stride):
        now, then = cumulative[time], cumulative[time - stride] if time >= stride else 1.0
        epsilon = network(x, time)
        clean = (x - np.sqrt(1 - now) * epsilon) / np.sqrt(now)
        x = np.sqrt(then) * clean + np.sqrt(1 - then) * epsilon
    torch.testing.assert_close(sample(process, start), x, atol=1e-3 * float(x.abs().max()), rtol=1e-3)


@pytest.mark.parametrize("stochastic", [False, True])
def test_a_network_that_knows_the_chunk_finds_it(stochastic):
    """The ideal answer for a single chunk leads there from any noise: a wrong schedule would not."""
    chunk = torch.linspace(-1, 1, 12).view(4, 3)
    for train_steps, steps in FITTING:
        process, cumulative = Diffusion(train_steps, steps, stochastic=stochastic), alphas_cumprod(train_steps)
        x = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(1))
        for step in process.steps:
            now = cumulative[int(step.time)]
            answer = (x - float(np.sqrt(now)) * chunk) / float(np.sqrt(1 - now))
            x = step.chunk * x + step.output * answer + step.noise * torch.randn_like(x)
        torch.testing.assert_close(x, chunk.expand_as(x), atol=2e-3, rtol=0)


def test_euler_agrees_with_a_reference_in_float64():
    start = torch.randn(5, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    x = start
    for step in range(10):
        x = x + network(x, 100 * step / 10) / 10
    torch.testing.assert_close(sample(Flow(10, 100), start), x, atol=1e-12, rtol=1e-12)


def test_the_velocity_of_a_single_chunk_leads_to_it():
    chunk = torch.linspace(-1, 1, 12).view(4, 3)
    x = torch.randn(5, 4, 3, generator=torch.Generator().manual_seed(1))
    for step in Flow(10, 100).steps:
        x = step.chunk * x + step.output * (chunk - x) / (1 - step.time / 100)
    torch.testing.assert_close(x, chunk.expand_as(x), atol=1e-5, rtol=0)


@pytest.mark.parametrize("prediction", ["epsilon", "sample"])
def test_training_noise_is_that_of_diffusers(prediction):
    process = Diffusion(100, 10, prediction)
    given = torch.Generator().manual_seed(0)
    action, noise = torch.randn(2, 6, 3, 4, 2, generator=given)
    level = process.levels((6, 3), given)
    noisy, target = process.corrupt(action, noise, level)
    expected = DDPMScheduler(100, **SCHEDULE).add_noise(action.flatten(0, 1), noise.flatten(0, 1), level.long().ravel())
    torch.testing.assert_close(noisy.flatten(0, 1), expected)
    assert target is (action if prediction == "sample" else noise)


def test_levels_of_diffusion_are_uniform():
    levels = Diffusion(100, 10).levels((40_000,), torch.Generator().manual_seed(0))
    counts = torch.bincount(levels.long(), minlength=100)
    assert len(counts) == 100
    assert ((counts - 400).abs() < 5 * 20).all()  # five standard deviations


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 1), st.floats(1, 1000))
def test_flow_mixes_linearly_and_asks_for_the_whole_way(tau, scale):
    given = torch.Generator().manual_seed(0)
    action, noise = torch.randn(2, 5, 4, 3, generator=given)
    noisy, target = Flow(10, scale).corrupt(action, noise, torch.full((5,), tau * scale))
    torch.testing.assert_close(noisy, (1 - tau) * noise + tau * action, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(target, action - noise)
    # From where it is, the rest of the way leads to the chunk.
    torch.testing.assert_close(noisy + (1 - tau) * target, action, atol=1e-5, rtol=1e-4)


def test_levels_of_flow_are_beta_distributed():
    tau = Flow(10, 100).levels((100_000,), torch.Generator().manual_seed(0)) / 100
    u = 1 - tau / 0.999
    assert tau.min() >= 0
    assert tau.max() < 0.999
    # Beta(1.5, 1): mean 3/5, variance 12/175; within five standard errors.
    assert abs(u.mean() - 0.6) < 5 * np.sqrt(12 / 175 / 1e5)
    assert abs(u.var() - 12 / 175) < 2e-3
    assert (tau < 0.4).float().mean() > 0.5  # more often near the noise


@pytest.mark.parametrize("name", ["ddim", "ddpm", "flow"])
def test_the_configuration_names_the_process(name):
    process = noise_process(ExpertConfig(process=name, train_steps=60, steps=12))
    assert len(process.steps) == 12
    assert isinstance(process, Flow if name == "flow" else Diffusion)
    assert any(step.noise for step in process.steps) == (name == "ddpm")
    assert all(0 <= step.time < 60 for step in process.steps)
