"""Decoding rates of 1, 32 and 64 sequences, compared with llama.cpp and Hugging Face.

The model has v7's shape. 64 sequences are also compared with the roofline of the machine.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from shared.models.decoder import Decoder
from tests.benchmarks import engine
from tests.benchmarks.baselines import huggingface
from tests.benchmarks.baselines.llama_cpp import BaselineMissing, LlamaCpp
from tests.benchmarks.engine import LENGTH
from tests.benchmarks.measure import Contender, interleave, rate
from tests.benchmarks.result import Row
from tests.benchmarks.roofline import tokens_per_second

OSTINATO = "Ostinato"
WARM_UP = 8
"""Tokens of each sequence that are generated before the measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A program, or the roofline, to compare with."""

    name: str
    goal: float
    """Intended ratio of Ostinato's rate to the rate of the baseline."""
    prepare: Callable[[Decoder, int, Path], Contender]
    """Creates a contender from a network, a number of sequences and a folder for files."""


def rows() -> Iterator[Row]:
    """Measure all rows; raises BaselineMissing at the end if a baseline is not installed."""
    network = engine.decoder()
    missing: list[BaselineMissing] = []
    with tempfile.TemporaryDirectory() as folder:
        for count, baselines in BASELINES.items():
            contenders: dict[str, Contender] = {OSTINATO: _ostinato(network, count)}
            for baseline in baselines:
                try:
                    contenders[baseline.name] = baseline.prepare(network, count, Path(folder))
                except BaselineMissing as error:
                    missing.append(error)
            yield from _compare(count, baselines, interleave(contenders))
    if missing:
        raise missing[0]


def _compare(count: int, baselines: tuple[Baseline, ...], rates: dict[str, float]) -> Iterator[Row]:
    sequences = "1 sequence" if count == 1 else f"{count} sequences"
    for baseline in baselines:
        if baseline.name in rates:
            yield Row.of_rates(
                f"{sequences}, tokens/s",
                rates[OSTINATO],
                baseline.name,
                rates[baseline.name],
                baseline.goal,
            )


def _ostinato(network: Decoder, count: int) -> Contender:
    runner = engine.runner(network, slots=max(count, engine.MIN_SLOTS))
    engine.generate(runner, engine.specs(count, WARM_UP))
    return rate(count * LENGTH, lambda: engine.generate(runner, engine.specs(count)))


def _hugging_face(dtype: torch.dtype) -> Callable[[Decoder, int, Path], Contender]:
    def prepare(network: Decoder, count: int, _: Path) -> Contender:
        model = huggingface.llama(network, dtype)
        huggingface.generate(model, count, WARM_UP)
        return rate(count * LENGTH, lambda: huggingface.generate(model, count))

    return prepare


def _llama_cpp(network: Decoder, count: int, folder: Path) -> Contender:
    llama_cpp = LlamaCpp(network, count, int(os.environ["OMP_NUM_THREADS"]), folder)
    llama_cpp.generate(WARM_UP)
    return rate(count * LENGTH, llama_cpp.generate)


def _roofline(network: Decoder, count: int, _: Path) -> Contender:
    return lambda: tokens_per_second(network.config, count, LENGTH)


BASELINES = {
    1: (
        Baseline(name="llama.cpp bf16", goal=1.0, prepare=_llama_cpp),
        Baseline(name="Hugging Face bf16", goal=4.0, prepare=_hugging_face(torch.bfloat16)),
    ),
    32: (Baseline(name="llama.cpp bf16", goal=2.0, prepare=_llama_cpp),),
    64: (
        Baseline(name="Hugging Face fp32", goal=8.0, prepare=_hugging_face(torch.float32)),
        Baseline(name="bf16 roofline", goal=0.7, prepare=_roofline),
    ),
}
"""Baselines by number of sequences in the batch."""
