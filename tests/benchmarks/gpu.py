"""`make bench-gpu`: tokens per second of v7's shape on a CUDA device, and its roofline.

The roofline of a step is the number of bytes of weights and filled cache that it reads, divided by
the bandwidth with which the device reads a large tensor.
"""

import time

import torch
import typer
from rich.console import Console

from services.worker.engine.model_runner import ModelRunner
from shared.models.backends import build_inference_model
from shared.models.decoder import DecoderConfig
from shared.models.numerics import compute_dtype, numerics_id
from tests.benchmarks import engine
from tests.benchmarks.roofline import KEYS_AND_VALUES, num_weights

BATCHES = (1, 8, 64)
READ_BYTES, READS = 4 << 30, 20
CUDA = torch.device("cuda")
console = Console()


def main() -> None:
    """Measure and print the rates; exits with 1 without a CUDA device."""
    if not torch.cuda.is_available():
        console.print("No CUDA device: nothing was measured.")
        raise typer.Exit(1)
    network = engine.decoder()
    model = build_inference_model(network, CUDA)
    bandwidth = read_bandwidth()
    console.print(f"{numerics_id(model)}, reads {bandwidth / 1e9:,.0f} GB/s")
    for rows in BATCHES:
        runner = ModelRunner(model, engine.unconstrained_grammar(), max(rows, engine.MIN_SLOTS))
        engine.generate(runner, engine.specs(rows, length=8))
        start = time.perf_counter()
        engine.generate(runner, engine.specs(rows))
        rate = rows * engine.LENGTH / (time.perf_counter() - start)
        roofline = rows / (step_bytes(network.config, rows) / bandwidth)
        console.print(
            f"{rows:3d} sequences: {rate:9,.0f} tokens/s, {rate / roofline:.2f} of the roofline"
        )


def step_bytes(config: DecoderConfig, rows: int) -> float:
    """Bytes of weights and cache that a step reads, averaged over the steps of a sequence."""
    width = compute_dtype(CUDA).itemsize
    cached = rows * (engine.LENGTH + 1) / 2 * KEYS_AND_VALUES * config.layers * config.d_model
    return width * (num_weights(config) + cached)


def read_bandwidth() -> float:
    """Bytes per second that the device reads."""
    values = torch.ones(READ_BYTES // 4, device=CUDA)
    values.sum()
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(READS):
        values.sum()
    torch.cuda.synchronize()
    return READS * READ_BYTES / (time.perf_counter() - start)


if __name__ == "__main__":
    typer.run(main)
