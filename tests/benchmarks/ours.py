"""The engine as a contender: the only file here that touches it and the models below it."""

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from services.trainer.recipes.recipes import v7
from services.trainer.training.trainer import build_network
from services.worker.engine.engine import Engine
from services.worker.engine.model_runner import Runner
from services.worker.engine.interface import FinishReason, Output, SequenceRequest
from shared.models.checkpoints import make_resident
from shared.models.decoder import Decoder
from shared.models.grammar import Grammar
from shared.models.lstm import Lstm, LstmConfig
from shared.models.numerics import numerics_id
from shared.models.sampling_params import SampleRequest
from shared.tokenizers.grammar import GrammarTable

VOCABULARY = 512
LENGTH = 512
"""Tokens of a sequence, where nothing else is said."""
TOP_K = 50
"""Everybody draws at temperature 1 from so many."""
BOS, EOS = 1, 2
FEWEST_SLOTS = 9
"""An engine keeps eight for interactive sequences, and one for the others at the least."""
CPU = torch.device("cpu")

Hear = Callable[[Sequence[Output]], None]


def decoder() -> Decoder:
    """v7's shape, with random weights that are always the same."""
    network = build_network(v7(), VOCABULARY)
    assert isinstance(network, Decoder)
    return network


def lstm(config: LstmConfig) -> Lstm:
    """Random weights that are always the same."""
    torch.manual_seed(v7().seed)
    return Lstm(config)


def stepped(network: Lstm, rows: int) -> Callable[[torch.Tensor], object]:
    """One step of a resident LSTM with tokens [B], for `rows` rows."""
    state = make_resident(network, CPU).init_state(rows)
    places, positions = torch.arange(rows), torch.ones(rows, dtype=torch.int64)
    return lambda tokens: state.extend(places, tokens, positions)


def numerics() -> str:
    """The name of the arithmetic that the decoder is served in."""
    return numerics_id(make_resident(decoder(), CPU))


def runner(network: Decoder, slots: int, grammar: Grammar | None = None) -> Runner:
    """The network as a worker keeps it; without a grammar, any token may follow any other."""
    return Runner(make_resident(network, CPU), grammar or anything_goes(), slots)


def anything_goes() -> GrammarTable:
    """Every token opens a bar, so a piece has as many tokens as it has bars."""
    return GrammarTable(
        next_state=np.zeros((1, VOCABULARY), dtype=np.int16),
        bars=np.ones(VOCABULARY, dtype=np.int16),
        lines=np.zeros(1, dtype=np.bool_),
        bos=BOS,
        eos=EOS,
    )


def sample(
    seed: int, length: int = LENGTH, leanings: tuple[torch.Tensor, ...] = ()
) -> SampleRequest:
    """A sequence for which `length` tokens are drawn, the last of which is the one that ends it."""
    return SampleRequest(head=(BOS,), bars=length - 1, seed=seed, top_k=TOP_K, leanings=leanings)


def samples(count: int, length: int = LENGTH) -> list[SampleRequest]:
    """As many, each with a seed of its own."""
    return [sample(seed, length) for seed in range(count)]


def nobody(_: Sequence[Output]) -> None:
    """Does not listen."""


class Hall:
    """An engine at work, and somebody who waits for what it writes."""

    def __init__(self, runner: Runner, hear: Hear) -> None:
        self.tokens = 0
        self.ended: dict[Hashable, float] = {}
        """When each sequence ended, by time.monotonic."""
        self._runner = runner
        self._hear = hear
        self._changed = threading.Condition()
        self.engine = Engine(self._listen)

    def submit(self, requests: dict[int, SampleRequest]) -> None:
        """Ask for sequences, each under a number."""
        self.engine.submit(
            [
                SequenceRequest(
                    id=number,
                    runner=self._runner,
                    sample=request,
                    interactive=True,
                    owner="benchmark",
                    job="benchmark",
                )
                for number, request in requests.items()
            ]
        )

    def wait_for(self, enough: Callable[[], bool]) -> None:
        """Until it is enough."""
        with self._changed:
            self._changed.wait_for(enough)

    def _listen(self, outputs: Sequence[Output]) -> None:
        now = time.monotonic()
        self._hear(outputs)
        with self._changed:
            for output in outputs:
                assert output.finish in (None, FinishReason.COMPLETE), output.error
                self.tokens += len(output.tokens)
                if output.finish is not None:
                    self.ended[output.id] = now
            self._changed.notify()


@contextmanager
def opened(runner: Runner, hear: Hear = nobody) -> Iterator[Hall]:
    """A hall whose engine runs; what is unfinished at the end is forgotten."""
    hall = Hall(runner, hear)
    hall.engine.start()
    try:
        yield hall
    finally:
        hall.engine.stop()


def write(runner: Runner, requests: Sequence[SampleRequest]) -> None:
    """Sequences that are all asked for at once, until the last has ended."""
    with opened(runner) as hall:
        hall.submit(dict(enumerate(requests)))
        hall.wait_for(lambda: len(hall.ended) == len(requests))


def write_in_step(runner: Runner, requests: Sequence[SampleRequest]) -> None:
    """All begin together, and nobody joins."""
    pieces = [runner.begin(request) for request in requests]
    while not all(piece.finished for piece in pieces):
        for piece, token in zip(pieces, runner.step([*enumerate(pieces)]), strict=True):
            assert token is not None, "there are no prompts"
            piece.accept(token)
