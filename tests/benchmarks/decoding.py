"""Tokens a second of 1, 32 and 64 sequences of v7's shape, beside llama.cpp and Hugging Face.

The last are also set beside what the machine could do at best.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from shared.models.decoder import Decoder
from tests.benchmarks import ours
from tests.benchmarks.floor import tokens_per_second
from tests.benchmarks.measure import Contender, interleave, rate
from tests.benchmarks.ours import LENGTH
from tests.benchmarks.peers import huggingface
from tests.benchmarks.peers.llama_cpp import LlamaCpp, PeerMissing
from tests.benchmarks.row import Row

OURS = "ours"
WARM_UP = 8
"""Tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Somebody to be compared with."""

    name: str
    goal: float
    """How many times as fast we want to be."""
    enter: Callable[[Decoder, int, Path], Contender]
    """Given the network, how many sequences, and a folder for files: ready to run."""


def rows() -> Iterator[Row]:
    """All of them; PeerMissing, after those that could be measured, if a peer was not there."""
    network = ours.decoder()
    missing: list[PeerMissing] = []
    with tempfile.TemporaryDirectory() as folder:
        for count, rivals in FIELDS.items():
            entered: dict[str, Contender] = {OURS: _ours(network, count)}
            for rival in rivals:
                try:
                    entered[rival.name] = rival.enter(network, count, Path(folder))
                except PeerMissing as error:
                    missing.append(error)
            yield from _compared(count, rivals, interleave(entered))
    if missing:
        raise missing[0]


def _compared(count: int, rivals: tuple[Rival, ...], figures: dict[str, float]) -> Iterator[Row]:
    what = "1 sequence" if count == 1 else f"{count} sequences"
    for rival in rivals:
        if rival.name in figures:
            yield Row.of_rates(
                f"{what}, tokens/s", figures[OURS], rival.name, figures[rival.name], rival.goal
            )


def _ours(network: Decoder, count: int) -> Contender:
    runner = ours.runner(network, slots=max(count, ours.FEWEST_SLOTS))
    ours.write(runner, ours.samples(count, WARM_UP))
    return rate(count * LENGTH, lambda: ours.write(runner, ours.samples(count)))


def _hugging_face(dtype: torch.dtype) -> Callable[[Decoder, int, Path], Contender]:
    def enter(network: Decoder, count: int, _: Path) -> Contender:
        model = huggingface.llama(network, dtype)
        huggingface.write(model, count, WARM_UP)
        return rate(count * LENGTH, lambda: huggingface.write(model, count))

    return enter


def _llama_cpp(network: Decoder, count: int, folder: Path) -> Contender:
    peer = LlamaCpp(network, count, int(os.environ["OMP_NUM_THREADS"]), folder)
    peer.write(WARM_UP)
    return rate(count * LENGTH, peer.write)


def _floor(network: Decoder, count: int, _: Path) -> Contender:
    return lambda: tokens_per_second(network.config, count, LENGTH)


FIELDS = {
    1: (
        Rival(name="llama.cpp bf16", goal=1.0, enter=_llama_cpp),
        Rival(name="Hugging Face bf16", goal=4.0, enter=_hugging_face(torch.bfloat16)),
    ),
    32: (Rival(name="llama.cpp bf16", goal=2.0, enter=_llama_cpp),),
    64: (
        Rival(name="Hugging Face fp32", goal=8.0, enter=_hugging_face(torch.float32)),
        Rival(name="the floor of bf16", goal=0.7, enter=_floor),
    ),
}
"""By how many sequences are written together."""
