"""What it costs that music is always valid, as asked, and heard while it is written.

With: the grammar of REMI and byte pairs, a scale and chords, and every token read as it comes, on
the engine's own thread. Without: any token may follow any other, and nobody listens.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.harmony import Chords, Scale
from services.trainer.data.midi_files import midi_files, read_file
from services.worker.engine.model_runner import Runner
from services.worker.engine.interface import Output
from services.worker.logit_bias import leanings
from services.worker.note_offs import Releases
from shared.models.sampling_params import SampleRequest
from shared.tokenizers.remi import Remi
from tests.benchmarks import ours
from tests.benchmarks.measure import Contender, interleave
from tests.benchmarks.ours import LENGTH, VOCABULARY
from tests.benchmarks.row import Row

MUSIC = Path(__file__).parents[1] / "music"
ROWS = 64
BARS = 10_000
"""More than anybody comes to write here."""
OURS, PEER = "with", "without"


class Audience:
    """Reads what is written, as a worker does for those who listen."""

    def __init__(self, vocabulary: Remi) -> None:
        self._streams = [vocabulary.stream(BARS) for _ in range(ROWS)]
        self._releases = [Releases() for _ in range(ROWS)]

    def __call__(self, outputs: Sequence[Output]) -> None:
        """Notes of what is new."""
        for output in outputs:
            assert isinstance(output.id, int)
            for _ in self._releases[output.id].settle(self._streams[output.id].feed(output.tokens)):
                pass


def rows() -> Iterator[Row]:
    """The one."""
    network, vocabulary = ours.decoder(), learnt()
    asked = GenerationRequest(
        model="v7",
        scale=Scale(tonic="D", mode="dorian", strictness=0.9),
        chords=Chords(progression=("Dm7", "G7"), strictness=0.5),
    )
    ruled = ours.runner(network, ROWS, vocabulary.grammar())
    leaning = leanings(asked, vocabulary, range(BARS))
    figures = interleave(
        {
            OURS: _writing(
                ruled, [ours.sample(seed, BARS, leaning) for seed in range(ROWS)], vocabulary
            ),
            PEER: _writing(ours.runner(network, ROWS), ours.samples(ROWS, BARS), None),
        }
    )
    name = "grammar, constraints and streaming, tokens/s"
    yield Row.of_rates(name, figures[OURS], PEER, figures[PEER], 0.95)


def learnt() -> Remi:
    """A vocabulary of v7's size, out of the music of the tests."""
    readings = [read_file(path.name, path) for path in midi_files(MUSIC)]
    return Remi.train([one.notes for one in readings if one.notes is not None], VOCABULARY)


def _writing(
    runner: Runner, samples: Sequence[SampleRequest], vocabulary: Remi | None
) -> Contender:
    """Tokens a second until all rows together have written their fill of a context."""

    def run() -> float:
        begun = time.monotonic()
        with ours.opened(runner, Audience(vocabulary) if vocabulary else ours.nobody) as hall:
            hall.submit(dict(enumerate(samples)))
            hall.wait_for(lambda: hall.tokens >= ROWS * (LENGTH - 1))
        return hall.tokens / (time.monotonic() - begun)

    return run
