"""Noise from noise: standard normal, of its row alone, unlike what it came from."""

import torch

from robomem_policies.memory_vla.expert.row_noise import row_noise


def test_it_is_a_function_of_the_row():
    noise = torch.randn(6, 4, 3, generator=torch.Generator().manual_seed(0))
    whole = row_noise(noise, 5)
    assert whole.shape == (5, 6, 4, 3)
    assert torch.equal(whole[:, [4, 3, 2]], row_noise(noise[[4, 3, 2]], 5))


def test_a_change_in_one_bit_changes_everything():
    noise = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0))
    other = noise.clone()
    other[0, 3, 2] = torch.nextafter(other[0, 3, 2], torch.tensor(9.0))
    assert (row_noise(noise, 5) != row_noise(other, 5)).all()


def test_the_order_within_a_row_counts():
    noise = torch.randn(1, 4, 3, generator=torch.Generator().manual_seed(0))
    assert (row_noise(noise, 5) != row_noise(noise.flip(1), 5)).all()


def test_it_is_standard_normal_and_independent():
    noise = torch.randn(500, 4, 5, generator=torch.Generator().manual_seed(0))
    drawn = row_noise(noise, 10).transpose(0, 1).reshape(500, -1)
    assert abs(drawn.mean()) < 5 / 1e5**0.5
    assert abs(drawn.var() - 1) < 5 * (2 / 1e5) ** 0.5
    together = torch.cat([noise.reshape(500, -1), drawn], 1)
    correlation = torch.corrcoef(together.T) - torch.eye(220)
    assert correlation.abs().max() < 6 / 500**0.5
