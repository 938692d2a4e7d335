"""Tests of the grouping of tokens into time steps."""

import torch

from shared.models.lstm_inference import group_by_timestep


def test_a_group_has_one_token_of_each_slot() -> None:
    slots = torch.tensor([4, 4, 0, 4, 0, 7])
    assert [group.tolist() for group in group_by_timestep(slots)] == [[0, 2, 5], [1, 4], [3]]
