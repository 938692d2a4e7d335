"""`make bench-gpu`: tokens a second of v7's shape on a CUDA device, beside what its memory allows.

The floor of a step is the bytes of weights and filled cache that it reads, at the speed at which
the device reads a large tensor. Refuses to run without a device.
"""

import time

import torch
import typer
from rich.console import Console

from services.worker.engine.model_runner import Runner
from shared.models.checkpoints import make_resident
from shared.models.decoder import DecoderConfig
from shared.models.numerics import number_format, numerics_id
from tests.benchmarks import ours
from tests.benchmarks.floor import KEYS_AND_VALUES, num_weights

BATCHES = (1, 8, 64)
READ_BYTES, READS = 4 << 30, 20
CUDA = torch.device("cuda")
console = Console()


def main() -> None:
    """Measure and print."""
    if not torch.cuda.is_available():
        console.print("There is no CUDA device here: nothing was measured.")
        raise typer.Exit(1)
    network = ours.decoder()
    model = make_resident(network, CUDA)
    bandwidth = read_bandwidth()
    console.print(f"{numerics_id(model)}, reads {bandwidth / 1e9:,.0f} GB/s")
    for rows in BATCHES:
        runner = Runner(model, ours.anything_goes(), max(rows, ours.FEWEST_SLOTS))
        ours.write(runner, ours.samples(rows, length=8))
        begun = time.perf_counter()
        ours.write(runner, ours.samples(rows))
        rate = rows * ours.LENGTH / (time.perf_counter() - begun)
        floor = rows / (step_bytes(network.config, rows) / bandwidth)
        console.print(
            f"{rows:3d} sequences: {rate:9,.0f} tokens/s, {rate / floor:.2f} of the floor"
        )


def step_bytes(config: DecoderConfig, rows: int) -> float:
    """Of weights and half-filled cache, on the average of a sequence's steps."""
    width = number_format(CUDA).itemsize
    cached = rows * (ours.LENGTH + 1) / 2 * KEYS_AND_VALUES * config.layers * config.d_model
    return width * (num_weights(config) + cached)


def read_bandwidth() -> float:
    """Bytes a second that the device reads."""
    numbers = torch.ones(READ_BYTES // 4, device=CUDA)
    numbers.sum()
    torch.cuda.synchronize()
    begun = time.perf_counter()
    for _ in range(READS):
        numbers.sum()
    torch.cuda.synchronize()
    return READS * READ_BYTES / (time.perf_counter() - begun)


if __name__ == "__main__":
    typer.run(main)
