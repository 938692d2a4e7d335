"""What no program can be faster than here: products at the speed of a large one, memory at its own.

The two are added up: a processor that does both for one batch does one after the other.
"""

import time
from collections.abc import Callable

import torch

from shared.models.decoder import DecoderConfig
from shared.models.numerics import number_format

SIDE = 2048
"""Of the square matrices whose product is timed."""
READ_BYTES = 512 << 20
"""Far more than any cache holds."""
SECONDS = 1.0
"""That each of the two is tried for."""
KEYS_AND_VALUES = 2


def tokens_per_second(config: DecoderConfig, rows: int, length: int) -> float:
    """Tokens a second of `rows` sequences that grow to `length` tokens, measured now."""
    width = number_format(torch.device("cpu")).itemsize
    weights = num_weights(config)
    flops, bandwidth = product_flops(), read_bandwidth()
    products = max(2 * weights * rows / flops, weights * width / bandwidth)
    cached = rows * (length + 1) / 2 * KEYS_AND_VALUES * config.layers * config.d_model * width
    return rows / (products + cached / bandwidth)


def num_weights(config: DecoderConfig) -> int:
    """Numbers in the matrices of a decoder, all of which a step reads."""
    layers = config.layers * (4 * config.d_model**2 + 3 * config.d_model * config.d_ff)
    return layers + config.vocab_size * config.d_model


def product_flops() -> float:
    """Operations a second of a large product in the machine's number format."""
    matrix = torch.randn(SIDE, SIDE).to(number_format(torch.device("cpu")))
    return 2 * SIDE**3 * _runs_per_second(lambda: matrix @ matrix)


def read_bandwidth() -> float:
    """Bytes a second that all cores together read from memory."""
    numbers = torch.ones(READ_BYTES // 4)
    return READ_BYTES * _runs_per_second(numbers.sum)


def _runs_per_second(work: Callable[[], object]) -> float:
    work()
    begun, runs = time.perf_counter(), 0
    while (seconds := time.perf_counter() - begun) < SECONDS or not runs:
        work()
        runs += 1
    return runs / seconds
