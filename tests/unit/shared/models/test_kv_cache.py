"""Tests of the KV cache."""

import torch

from shared.models.kv_cache import KVCache

HEADS, HEAD_DIM = 2, 4


def new_cache() -> KVCache:
    return KVCache(torch.zeros(1, 0, HEADS, 0, HEAD_DIM, dtype=torch.bfloat16))


def size(cache: KVCache) -> tuple[int, int]:
    """Slots and positions of the block."""
    _, num_slots, _, length, _ = cache._keys.shape
    return num_slots, length


def write(cache: KVCache, slot: int, position: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Write a random key and value; returns them."""
    key, value = torch.randn(2, 1, HEADS, HEAD_DIM).bfloat16()
    metadata = cache.metadata(torch.tensor([slot]), torch.tensor([position]))
    cache.update(0, metadata, key, value)
    return key, value


def has(
    cache: KVCache, slot: int, position: int, expected: tuple[torch.Tensor, torch.Tensor]
) -> bool:
    blocks = cache._keys[0], cache._values[0]
    return all(
        torch.equal(block[slot, :, position], part[0])
        for block, part in zip(blocks, expected, strict=True)
    )


def test_a_token_reads_its_own_slot_up_to_its_position() -> None:
    cache = new_cache()
    cache.reserve(4, 60)
    metadata = cache.metadata(torch.tensor([2, 2, 3, 3]), torch.tensor([5, 6, 0, 1]))
    new = torch.randn(4, HEADS, HEAD_DIM).bfloat16()
    keys, values = cache.update(0, metadata, new, -new)
    assert keys.shape == (4, HEADS, 64, HEAD_DIM)
    assert torch.equal(keys[0, :, 5:7], new[:2].transpose(0, 1))
    assert torch.equal(values[3, :, 0:2], -new[2:].transpose(0, 1))
    assert cache._keys[0, :2].abs().sum() == 0, "other slots do not change"
    assert (~metadata.masked).sum(-1).flatten().tolist() == [6, 7, 1, 2]


def test_the_first_slots_are_read_without_a_copy() -> None:
    cache = new_cache()
    cache.reserve(4, 64)
    new = torch.randn(2, HEADS, HEAD_DIM).bfloat16()
    keys, _ = cache.update(0, cache.metadata(None, torch.tensor([0, 9])), new, new)
    assert keys.data_ptr() == cache._keys.data_ptr()


def test_it_grows_by_powers_of_two_and_multiples_of_64_and_keeps_its_content() -> None:
    cache = new_cache()
    cache.reserve(1, 1)
    assert size(cache) == (1, 64)
    written = write(cache, 0, 63)
    cache.reserve(5, 65)
    assert size(cache) == (8, 128)
    assert has(cache, 0, 63, written)
    cache.reserve(3, 10)
    assert size(cache) == (8, 128)
    assert cache.length == 128


def test_a_move_copies_a_slot() -> None:
    cache = new_cache()
    cache.reserve(4, 64)
    written = write(cache, 3, 20)
    cache.move(3, 1)
    assert has(cache, 1, 20, written)
