"""Runs the engine in benchmarks: models, requests and a harness."""

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from services.trainer.recipes.recipes import v7
from services.trainer.training.network import build_network
from services.worker.engine.engine import Engine
from services.worker.engine.interface import EngineOutput, EngineRequest, FinishReason
from services.worker.engine.model_runner import ModelRunner
from shared.models.backends import build_inference_model
from shared.models.decoder import Decoder
from shared.models.grammar import Grammar
from shared.models.lstm import Lstm, LstmConfig
from shared.models.numerics import numerics_id
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers.grammar import GrammarTable

VOCAB_SIZE = 512
LENGTH = 512
"""Default number of tokens in a sequence."""
TOP_K = 50
"""All contenders sample at temperature 1 from the 50 most likely tokens."""
BOS, EOS = 1, 2
MIN_SLOTS = 9
"""An engine reserves eight slots for interactive sequences, and needs one more."""
CPU = torch.device("cpu")

OnOutputs = Callable[[Sequence[EngineOutput]], None]


def decoder() -> Decoder:
    """A decoder of v7's shape, with fixed random weights."""
    network = build_network(v7(), VOCAB_SIZE)
    assert isinstance(network, Decoder)
    return network


def lstm(config: LstmConfig) -> Lstm:
    """An LSTM with fixed random weights."""
    torch.manual_seed(v7().seed)
    return Lstm(config)


def lstm_step(network: Lstm, rows: int) -> Callable[[torch.Tensor], object]:
    """A decode step of the inference LSTM for tokens [B], where B is `rows`."""
    state = build_inference_model(network, CPU).init_state(rows)
    slots, positions = torch.arange(rows), torch.ones(rows, dtype=torch.int64)
    return lambda tokens: state.forward(slots, tokens, positions)


def numerics() -> str:
    """The numerics identifier of the decoder."""
    return numerics_id(build_inference_model(decoder(), CPU))


def runner(network: Decoder, slots: int, grammar: Grammar | None = None) -> ModelRunner:
    """A model runner as in a worker; without a grammar, any token may follow any other."""
    return ModelRunner(
        build_inference_model(network, CPU), grammar or unconstrained_grammar(), slots
    )


def unconstrained_grammar() -> GrammarTable:
    """A grammar in which every token opens a bar, so a sequence has one token per bar."""
    return GrammarTable(
        next_state=np.zeros((1, VOCAB_SIZE), dtype=np.int16),
        opens_bar=np.ones(VOCAB_SIZE, dtype=np.int16),
        at_bar_line=np.zeros(1, dtype=np.bool_),
        bos=BOS,
        eos=EOS,
    )


def spec(
    seed: int, length: int = LENGTH, logit_biases: tuple[torch.Tensor, ...] = ()
) -> GenerationSpec:
    """A sequence of `length` sampled tokens, including the one that ends it."""
    return GenerationSpec(
        pinned_prefix=(BOS,), bars=length - 1, seed=seed, top_k=TOP_K, logit_biases=logit_biases
    )


def specs(count: int, length: int = LENGTH) -> list[GenerationSpec]:
    """`count` sequences with different seeds."""
    return [spec(seed, length) for seed in range(count)]


def discard(_: Sequence[EngineOutput]) -> None:
    """Ignore the outputs."""


class EngineHarness:
    """Runs an engine, counts its tokens and records when its sequences end."""

    def __init__(self, runner: ModelRunner, on_outputs: OnOutputs) -> None:
        self.tokens = 0
        self.ended: dict[Hashable, float] = {}
        """Time of `time.monotonic` at which each sequence ended, by its id."""
        self._runner = runner
        self._on_outputs = on_outputs
        self._changed = threading.Condition()
        self.engine = Engine(self._receive)

    def submit(self, requests: dict[int, GenerationSpec]) -> None:
        """Submit sequences by id."""
        self.engine.submit(
            [
                EngineRequest(
                    id=sequence_id,
                    runner=self._runner,
                    spec=request,
                    is_interactive=True,
                    owner="benchmark",
                    job="benchmark",
                )
                for sequence_id, request in requests.items()
            ]
        )

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds."""
        with self._changed:
            self._changed.wait_for(condition)

    def _receive(self, outputs: Sequence[EngineOutput]) -> None:
        now = time.monotonic()
        self._on_outputs(outputs)
        with self._changed:
            for output in outputs:
                assert output.finish_reason in (None, FinishReason.COMPLETE), output.error
                self.tokens += len(output.tokens)
                if output.finish_reason is not None:
                    self.ended[output.id] = now
            self._changed.notify()


@contextmanager
def running_engine(runner: ModelRunner, on_outputs: OnOutputs = discard) -> Iterator[EngineHarness]:
    """A harness with a running engine; unfinished sequences are discarded at the end."""
    harness = EngineHarness(runner, on_outputs)
    harness.engine.start()
    try:
        yield harness
    finally:
        harness.engine.stop()


def generate(runner: ModelRunner, requests: Sequence[GenerationSpec]) -> None:
    """Generate sequences that are submitted together."""
    with running_engine(runner) as harness:
        harness.submit(dict(enumerate(requests)))
        harness.wait_for(lambda: len(harness.ended) == len(requests))


def generate_static_batch(runner: ModelRunner, requests: Sequence[GenerationSpec]) -> None:
    """Generate a static batch: all sequences start together and none joins later."""
    states = [runner.init_decoding(request) for request in requests]
    while not all(state.finished for state in states):
        for state, token in zip(states, runner.step([*enumerate(states)]), strict=True):
            assert token is not None, "a prompt needs no prefill"
            state.accept(token)
