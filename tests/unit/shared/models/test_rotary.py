"""Tests of the rotary embedding against its definition."""

import torch

from shared.models.rotary import rotary_table, rotate


def test_a_pair_of_elements_is_rotated_by_position_times_frequency() -> None:
    x = torch.randn(10, 8)
    rotated = rotate(x, rotary_table(10, 8, theta=100.0))
    plane = torch.complex(x[:, :4], x[:, 4:])
    frequencies = torch.tensor([100.0 ** (-2 * i / 8) for i in range(4)])
    angles = torch.arange(10)[:, None] * frequencies
    expected = plane * torch.polar(torch.ones_like(angles), angles)
    torch.testing.assert_close(rotated, torch.cat((expected.real, expected.imag), dim=1))


def test_a_dot_product_depends_only_on_the_distance() -> None:
    table = rotary_table(50, 16, theta=10_000.0)
    query, key = torch.randn(2, 16)
    near = rotate(query, table[:, 7]) @ rotate(key, table[:, 3])
    far = rotate(query, table[:, 47]) @ rotate(key, table[:, 43])
    torch.testing.assert_close(near, far)
