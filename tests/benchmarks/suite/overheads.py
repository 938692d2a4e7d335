"""The cost of grammar masks, constraints and streaming in tokens per second.

The constrained contender has the grammar of REMI with BPE, a scale and chords, and decodes every
token on the engine's thread. In the other one any token may follow any other, and the outputs are
ignored.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Chords, Scale
from ostinato.schemas.notes import Metre
from services.trainer.data.midi_files import find_midi_files, parse_file
from services.worker.engine.interface import EngineOutput
from services.worker.engine.model_runner import ModelRunner
from services.worker.logit_bias import logit_biases
from services.worker.note_offs import NoteOffResolver
from shared.models.sampling_params import GenerationSpec
from shared.tokenizers.remi import RemiTokenizer
from tests.benchmarks import engine
from tests.benchmarks.engine import LENGTH, VOCAB_SIZE
from tests.benchmarks.measure import Contender, interleave
from tests.benchmarks.result import Row

MUSIC = Path(__file__).parents[2] / "music"
ROWS = 64
BARS = 10_000
"""More bars than a sequence reaches in this benchmark."""
CONSTRAINED, UNCONSTRAINED = "with", "without"


class NoteDecoder:
    """Decodes the notes of all outputs, as a worker does before it streams them."""

    def __init__(self, tokenizer: RemiTokenizer) -> None:
        self._decoders = [tokenizer.incremental_decoder(BARS) for _ in range(ROWS)]
        self._resolvers = [NoteOffResolver() for _ in range(ROWS)]

    def __call__(self, outputs: Sequence[EngineOutput]) -> None:
        """Decode the new tokens."""
        for output in outputs:
            assert isinstance(output.id, int)
            for _ in self._resolvers[output.id].resolve(
                self._decoders[output.id].feed(output.tokens)
            ):
                pass


def rows() -> Iterator[Row]:
    """Measure the one row."""
    network, tokenizer = engine.decoder(), train_tokenizer()
    request = GenerationRequest(
        model="v7",
        scale=Scale(tonic="D", mode="dorian", strictness=0.9),
        chords=Chords(progression=("Dm7", "G7"), strictness=0.5),
    )
    constrained = engine.runner(network, ROWS, tokenizer.grammar())
    biases = logit_biases(request, tokenizer, dict.fromkeys(range(BARS), Metre.FOUR_FOUR))
    rates = interleave(
        {
            CONSTRAINED: _generating(
                constrained, [engine.spec(seed, BARS, biases) for seed in range(ROWS)], tokenizer
            ),
            UNCONSTRAINED: _generating(
                engine.runner(network, ROWS), engine.specs(ROWS, BARS), None
            ),
        }
    )
    name = "grammar, constraints and streaming, tokens/s"
    yield Row.of_rates(name, rates[CONSTRAINED], UNCONSTRAINED, rates[UNCONSTRAINED], 0.95)


def train_tokenizer() -> RemiTokenizer:
    """A tokenizer with v7's vocabulary size, trained on the music of the tests."""
    parsed = [parse_file(path.name, path) for path in find_midi_files(MUSIC)]
    pieces = [file.notes for file in parsed if file.notes is not None]
    return RemiTokenizer.train(pieces, VOCAB_SIZE)


def _generating(
    runner: ModelRunner, requests: Sequence[GenerationSpec], tokenizer: RemiTokenizer | None
) -> Contender:
    """Tokens per second until the sequences have generated a full context on average."""

    def run() -> float:
        start = time.monotonic()
        with engine.running_engine(
            runner, NoteDecoder(tokenizer) if tokenizer else engine.discard
        ) as harness:
            harness.submit(dict(enumerate(requests)))
            harness.wait_for(lambda: harness.tokens >= ROWS * (LENGTH - 1))
        return harness.tokens / (time.monotonic() - start)

    return run
