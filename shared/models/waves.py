"""The order in which a recurrent network takes in tokens of many rows at once."""

from collections.abc import Iterator

import torch
from torch import Tensor


def waves(rows: Tensor) -> Iterator[Tensor]:
    """Tokens that may be taken in together: the first of each row, then the second, and so on.

    `rows` is int64 [T], the row of each token; what is yielded are indices, int64 [N].
    """
    counts: dict[int, int] = {}
    turns: list[list[int]] = []
    for index, row in enumerate(rows.tolist()):
        turn = counts[row] = counts.get(row, -1) + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(index)
    return map(torch.tensor, turns)
