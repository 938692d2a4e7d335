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
from tests.benchmarks.engine import LENGTH
from tests.benchmarks.measure import Contender, interleave, rate
from tests.benchmarks.peers import huggingface
from tests.benchmarks.peers.llama_cpp import LlamaCpp, PeerMissing
from tests.benchmarks.result import Row
from tests.benchmarks.roofline import tokens_per_second

OURS = "ours"
WARM_UP = 8
"""Tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program to compare with."""

    name: str
    goal: float
    """The intended ratio of our rate to the peer's."""
    prepare: Callable[[Decoder, int, Path], Contender]
    """A contender for the network, a number of sequences and a folder for files."""


def rows() -> Iterator[Row]:
    """Measure all rows; raises PeerMissing after the others if a peer is not installed."""
    network = engine.decoder()
    missing: list[PeerMissing] = []
    with tempfile.TemporaryDirectory() as folder:
        for count, peers in PEERS.items():
            contenders: dict[str, Contender] = {OURS: _ours(network, count)}
            for peer in peers:
                try:
                    contenders[peer.name] = peer.prepare(network, count, Path(folder))
                except PeerMissing as error:
                    missing.append(error)
            yield from _compared(count, peers, interleave(contenders))
    if missing:
        raise missing[0]


def _compared(count: int, peers: tuple[Peer, ...], figures: dict[str, float]) -> Iterator[Row]:
    what = "1 sequence" if count == 1 else f"{count} sequences"
    for peer in peers:
        if peer.name in figures:
            yield Row.of_rates(
                f"{what}, tokens/s", figures[OURS], peer.name, figures[peer.name], peer.goal
            )


def _ours(network: Decoder, count: int) -> Contender:
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
    peer = LlamaCpp(network, count, int(os.environ["OMP_NUM_THREADS"]), folder)
    peer.generate(WARM_UP)
    return rate(count * LENGTH, peer.generate)


def _roofline(network: Decoder, count: int, _: Path) -> Contender:
    return lambda: tokens_per_second(network.config, count, LENGTH)


PEERS = {
    1: (
        Peer(name="llama.cpp bf16", goal=1.0, prepare=_llama_cpp),
        Peer(name="Hugging Face bf16", goal=4.0, prepare=_hugging_face(torch.bfloat16)),
    ),
    32: (Peer(name="llama.cpp bf16", goal=2.0, prepare=_llama_cpp),),
    64: (
        Peer(name="Hugging Face fp32", goal=8.0, prepare=_hugging_face(torch.float32)),
        Peer(name="the floor of bf16", goal=0.7, prepare=_roofline),
    ),
}
"""By number of sequences in the batch."""
