"""The parts of the recall policy against independent references."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import distributions

from robomem_policies import noise
from robomem_policies.recall.actions import Categories, Gaussian
from robomem_policies.recall.images import ImageDecoder, ImageEncoder
from robomem_policies.recall.normalization import RunningNormalization
from robomem_policies.recall.tokens import TokenEncoder
from robomem_policies.recall.value import ValueHead


@settings(max_examples=25)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.floats(-1e3, 1e3), st.floats(0.01, 100))
def test_statistics_of_parts_are_those_of_the_whole(sizes: list[int], centre: float, spread: float) -> None:
    rng = np.random.default_rng(len(sizes))
    parts = [rng.normal(centre, spread, (size, 3)) for size in sizes]
    normalization = RunningNormalization(3)
    for part in parts:
        normalization.update(torch.from_numpy(part.astype(np.float32)))
    whole = np.concatenate(parts).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(normalization.mean, whole.mean(0), rtol=1e-9)
    np.testing.assert_allclose(normalization.squares / len(whole), whole.var(0), rtol=1e-6, atol=1e-9)
    expected = np.clip((whole - whole.mean(0)) / np.sqrt(whole.var(0) + 1e-6), -10, 10)
    np.testing.assert_allclose(normalization(torch.from_numpy(whole).float()), expected, rtol=1e-2, atol=1e-2)


def test_normalization_is_the_identity_until_the_first_update_and_changes_in_updates_alone() -> None:
    normalization = RunningNormalization(2)
    x = torch.tensor([[3.0, -4.0]])
    assert torch.equal(normalization(x), x)
    normalization.train()
    normalization(torch.randn(50, 2))
    assert torch.equal(normalization(x), x)


@settings(max_examples=25)
@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=30), st.integers(1, 4))
def test_rescaling_changes_no_value(returns: list[float], times: int) -> None:
    torch.manual_seed(0)
    head, features = ValueHead(8, (8,)), torch.randn(5, 8)
    before = head(features)
    for time in range(times):
        head.rescale(torch.tensor(returns) * (time + 1))
    torch.testing.assert_close(head(features), before, rtol=1e-3, atol=1e-3 * max(1.0, float(head.scale)))
    if times == 1:
        torch.testing.assert_close(head.mean, torch.tensor(returns).mean(), rtol=1e-4, atol=1e-3)


def test_the_unit_of_values_follows_the_returns() -> None:
    head = ValueHead(8, ())
    head.rescale(torch.randn(10_000) * 30 + 100)
    assert float(head.mean) == pytest.approx(100, rel=0.02)
    assert float(head.scale) == pytest.approx(30, rel=0.05)
    for _ in range(500):
        head.rescale(torch.zeros(4))
    assert float(head.scale) == pytest.approx(0.05)


def test_gaussian_agrees_with_torch() -> None:
    torch.manual_seed(0)
    head = Gaussian(6, gym.spaces.Box(-1, 1, (3,)), log_std=-0.7)
    features, action = torch.randn(5, 6), torch.randn(5, 3)
    parameters = head(features)
    reference = distributions.Independent(distributions.Normal(parameters, head.log_std.exp()), 1)
    torch.testing.assert_close(head.log_prob(parameters, action), reference.log_prob(action))
    torch.testing.assert_close(head.entropy(parameters).expand(5), reference.entropy())


def test_gaussian_actions_reach_the_bounds_and_stay_inside() -> None:
    space = gym.spaces.Box(np.array([-2, 5], np.float32), np.array([2, 9], np.float32))
    head = Gaussian(4, space)
    actions = head.env_action(torch.tensor([[-1.0, 1.0], [0.0, 0.0], [-50.0, 50.0]]))
    np.testing.assert_array_equal(actions, np.array([[-2, 9], [0, 7], [-2, 9]], np.float32))


@pytest.mark.parametrize("counts", [[4], [2, 5, 3]])
def test_categories_agree_with_torch(counts: list[int]) -> None:
    torch.manual_seed(0)
    head = Categories(6, gym.spaces.MultiDiscrete(counts))
    parameters = torch.randn(7, sum(counts))
    references = [distributions.Categorical(logits=part) for part in parameters.split(counts, -1)]
    action = torch.stack([reference.sample() for reference in references], -1)
    log_prob = sum(reference.log_prob(action[:, index]) for index, reference in enumerate(references))
    torch.testing.assert_close(head.log_prob(parameters, action), log_prob)
    torch.testing.assert_close(head.entropy(parameters), sum(reference.entropy() for reference in references))


@pytest.mark.parametrize("by_stream", [False, True])
def test_categories_are_chosen_as_often_as_they_should(by_stream: bool) -> None:
    head = Categories(4, gym.spaces.Discrete(3))
    probability = torch.tensor([0.2, 0.5, 0.3])
    parameters = probability.log().expand(20_000, 3)
    if by_stream:
        drawn = torch.from_numpy(head.draw_streams(noise.streams(0, np.arange(20_000)))[0])
    else:
        drawn = head.draw(20_000, torch.Generator().manual_seed(0))
    often = torch.bincount(head.choose(parameters, drawn)[:, 0], minlength=3) / 20_000
    torch.testing.assert_close(often, probability, atol=0.015, rtol=0)


def test_streams_are_standard_normal_and_independent() -> None:
    words = noise.streams(3, np.arange(5000))
    first, words = noise.normals(words, 4)
    second, _ = noise.normals(words, 4)
    everything = np.concatenate([first, second], 1)
    assert abs(everything.mean()) < 0.02
    assert abs(everything.std() - 1) < 0.02
    assert np.abs(np.corrcoef(everything.T) - np.eye(8)).max() < 0.06
    assert np.abs(everything).max() < 7


def test_streams_equal_splitmix64() -> None:
    """The published generator, seeded 1234567 (https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64)."""
    published = np.array([6457827717110365317, 3203168211198807973, 9817491932198370423], np.uint64)
    numbers, after = noise.uniforms(np.array([1234567], np.uint64), 3)
    np.testing.assert_array_equal(numbers[0], ((published >> np.uint64(12)).astype(float) + 0.5) / 2**52)
    one_by_one, word = [], np.array([1234567], np.uint64)
    for _ in range(3):
        number, word = noise.uniforms(word, 1)
        one_by_one.append(number[0, 0])
    np.testing.assert_array_equal(one_by_one, numbers[0])
    np.testing.assert_array_equal(word, after)


def test_tokens_are_a_linear_layer_on_one_hot_codes() -> None:
    encoder = TokenEncoder(gym.spaces.MultiDiscrete([3, 4]), 8)
    tokens = torch.tensor([[2, 0], [1, 3]])
    one_hot = torch.cat([torch.nn.functional.one_hot(tokens[:, 0], 3), torch.nn.functional.one_hot(tokens[:, 1], 4)], 1)
    torch.testing.assert_close(encoder(tokens), one_hot.float() @ encoder.table.weight)


@pytest.mark.parametrize("shape", [(99, 99, 3), (7, 8, 1), (36, 50, 3), (84, 84, 4), (31, 20, 3)])
def test_images_are_decoded_to_their_own_size(shape: tuple[int, int, int]) -> None:
    encoder = ImageEncoder(shape, 32)
    image = torch.randint(0, 256, (2, *shape), dtype=torch.uint8)
    features = encoder(image)
    assert features.shape == (2, 32)
    assert ImageDecoder(encoder, 32, shape[-1])(features).shape == (2, *shape)
    torch.testing.assert_close(encoder(image.float() / 255), features)
