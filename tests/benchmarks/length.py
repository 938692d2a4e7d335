"""Tokens a second of long sequences, whose context is cut again and again, beside short ones.

What is kept at a cut is taken in once more, by the light of what is still known: that costs an
eighth of one sequence's time, and more where many sequences share the reading of the weights.
"""

from collections.abc import Callable, Iterator

from services.worker.engine.model_runner import Runner
from tests.benchmarks import ours
from tests.benchmarks.measure import interleave, rate
from tests.benchmarks.row import Row

SEQUENCES = 1, 8
LONG, SHORT = 4096, 512
OURS, PEER = f"length {LONG:,}", f"length {SHORT}"


def rows() -> Iterator[Row]:
    """One for each number of sequences."""
    runner = ours.runner(ours.decoder(), ours.FEWEST_SLOTS)
    _writing(runner, 1, SHORT)()
    for count in SEQUENCES:
        figures = interleave(
            {
                OURS: rate(count * LONG, _writing(runner, count, LONG)),
                PEER: rate(count * SHORT, _writing(runner, count, SHORT)),
            }
        )
        name = f"{OURS}, {count} at once, tokens/s"
        yield Row.of_rates(name, figures[OURS], PEER, figures[PEER], 0.8)


def _writing(runner: Runner, count: int, length: int) -> Callable[[], None]:
    return lambda: ours.write(runner, ours.samples(count, length))
