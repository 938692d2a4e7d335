"""The order of many rows' tokens."""

import torch

from shared.models.waves import waves


def test_the_first_of_each_row_goes_first_then_the_second() -> None:
    rows = torch.tensor([4, 4, 0, 4, 0, 7])
    assert [wave.tolist() for wave in waves(rows)] == [[0, 2, 5], [1, 4], [3]]
