"""The roofline of decoding: matrix products at peak FLOPS plus reads at peak bandwidth.

The two times are added, because a processor does the one after the other for a batch.
"""

import time
from collections.abc import Callable

import torch

from shared.models.decoder import DecoderConfig
from shared.models.numerics import compute_dtype

MATRIX_SIZE = 2048
"""Rows and columns of the square matrices whose product is timed."""
READ_BYTES = 512 << 20
"""Size of the tensor that is read, far more than any cache holds."""
SECONDS = 1.0
"""Duration in seconds of each of the two measurements."""
KEYS_AND_VALUES = 2


def tokens_per_second(config: DecoderConfig, rows: int, length: int) -> float:
    """Highest possible rate of `rows` sequences of `length` tokens; measures the machine."""
    width = compute_dtype(torch.device("cpu")).itemsize
    weights = num_weights(config)
    flops, bandwidth = product_flops(), read_bandwidth()
    products = max(2 * weights * rows / flops, weights * width / bandwidth)
    cached = rows * (length + 1) / 2 * KEYS_AND_VALUES * config.layers * config.d_model * width
    return rows / (products + cached / bandwidth)


def num_weights(config: DecoderConfig) -> int:
    """Parameters in the matrices of a decoder; a decode step reads all of them."""
    layers = config.layers * (4 * config.d_model**2 + 3 * config.d_model * config.d_ff)
    return layers + config.vocab_size * config.d_model


def product_flops() -> float:
    """Floating-point operations per second of a large product in the compute dtype."""
    matrix = torch.randn(MATRIX_SIZE, MATRIX_SIZE).to(compute_dtype(torch.device("cpu")))
    return 2 * MATRIX_SIZE**3 * _runs_per_second(lambda: matrix @ matrix)


def read_bandwidth() -> float:
    """Bytes per second that all cores together read from memory."""
    values = torch.ones(READ_BYTES // 4)
    return READ_BYTES * _runs_per_second(values.sum)


def _runs_per_second(work: Callable[[], object]) -> float:
    work()
    start, runs = time.perf_counter(), 0
    while (seconds := time.perf_counter() - start) < SECONDS or not runs:
        work()
        runs += 1
    return runs / seconds
