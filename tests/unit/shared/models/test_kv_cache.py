"""The cache keeps what it must, wherever it moves."""

import torch

from shared.models.kv_cache import KVCache

HEADS, HEAD_DIM = 2, 4


def cache() -> KVCache:
    return KVCache(torch.zeros(1, 0, HEADS, 0, HEAD_DIM, dtype=torch.bfloat16))


def size(made: KVCache) -> tuple[int, int]:
    """Rows and positions of the block."""
    _, rows, _, length, _ = made._keys.shape
    return rows, length


def write(made: KVCache, row: int, position: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Put a token somewhere; its key and value."""
    key, value = torch.randn(2, 1, HEADS, HEAD_DIM).bfloat16()
    made.extend(0, made.span(torch.tensor([row]), torch.tensor([position])), key, value)
    return key, value


def holds(made: KVCache, row: int, position: int, token: tuple[torch.Tensor, torch.Tensor]) -> bool:
    blocks = made._keys[0], made._values[0]
    return all(
        torch.equal(block[row, :, position], part[0])
        for block, part in zip(blocks, token, strict=True)
    )


def test_what_is_written_is_read_by_its_row_and_hidden_beyond_its_position() -> None:
    made = cache()
    made.reserve(4, 60)
    span = made.span(torch.tensor([2, 2, 3, 3]), torch.tensor([5, 6, 0, 1]))
    new = torch.randn(4, HEADS, HEAD_DIM).bfloat16()
    keys, values = made.extend(0, span, new, -new)
    assert keys.shape == (4, HEADS, 64, HEAD_DIM)
    assert torch.equal(keys[0, :, 5:7], new[:2].transpose(0, 1))
    assert torch.equal(values[3, :, 0:2], -new[2:].transpose(0, 1))
    assert made._keys[0, :2].abs().sum() == 0, "other rows are untouched"
    assert (~span.hidden).sum(-1).flatten().tolist() == [6, 7, 1, 2]


def test_the_first_rows_are_read_without_a_copy() -> None:
    made = cache()
    made.reserve(4, 64)
    new = torch.randn(2, HEADS, HEAD_DIM).bfloat16()
    keys, _ = made.extend(0, made.span(None, torch.tensor([0, 9])), new, new)
    assert keys.data_ptr() == made._keys.data_ptr()


def test_it_grows_by_powers_of_two_and_multiples_of_64_and_keeps_what_it_holds() -> None:
    made = cache()
    made.reserve(1, 1)
    assert size(made) == (1, 64)
    token = write(made, 0, 63)
    made.reserve(5, 65)
    assert size(made) == (8, 128)
    assert holds(made, 0, 63, token)
    made.reserve(3, 10)
    assert size(made) == (8, 128)
    assert made.length == 128


def test_a_row_moves() -> None:
    made = cache()
    made.reserve(4, 64)
    token = write(made, 3, 20)
    made.move(3, 1)
    assert holds(made, 1, 20, token)
