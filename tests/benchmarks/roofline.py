"""The roofline of decoding: matrix products at peak FLOPS plus reads at peak bandwidth.

The two times are added, because a processor does one after the other for a batch.
"""

import time
from collections.abc import Callable

import torch

from shared.models.decoder import DecoderConfig
from shared.models.numerics import compute_dtype

SIDE = 2048
"""Side of the square matrices whose product is timed."""
READ_BYTES = 512 << 20
"""Far more than any cache."""
SECONDS = 1.0
"""Duration of each of the two measurements."""
KEYS_AND_VALUES = 2


def tokens_per_second(config: DecoderConfig, rows: int, length: int) -> float:
    """Tokens per second of `rows` sequences of `length` tokens; measures the machine."""
    width = compute_dtype(torch.device("cpu")).itemsize
    weights = num_weights(config)
    flops, bandwidth = product_flops(), read_bandwidth()
    products = max(2 * weights * rows / flops, weights * width / bandwidth)
    cached = rows * (length + 1) / 2 * KEYS_AND_VALUES * config.layers * config.d_model * width
    return rows / (products + cached / bandwidth)


def num_weights(config: DecoderConfig) -> int:
    """Parameters in the matrices of a decoder, all of which a step reads."""
    layers = config.layers * (4 * config.d_model**2 + 3 * config.d_model * config.d_ff)
    return layers + config.vocab_size * config.d_model


def product_flops() -> float:
    """Floating-point operations per second of a large product in the compute dtype."""
    matrix = torch.randn(SIDE, SIDE).to(compute_dtype(torch.device("cpu")))
    return 2 * SIDE**3 * _runs_per_second(lambda: matrix @ matrix)


def read_bandwidth() -> float:
    """Bytes per second that all cores together read from memory."""
    numbers = torch.ones(READ_BYTES // 4)
    return READ_BYTES * _runs_per_second(numbers.sum)


def _runs_per_second(work: Callable[[], object]) -> float:
    work()
    start, runs = time.perf_counter(), 0
    while (seconds := time.perf_counter() - start) < SECONDS or not runs:
        work()
        runs += 1
    return runs / seconds
