"""Decoding rates of long sequences, whose context is truncated, and of short ones.

After a truncation the remaining context is prefilled again. That costs an eighth of a sequence's
time, and more when many sequences share the reads of the weights.
"""

from collections.abc import Callable, Iterator

from services.worker.engine.model_runner import ModelRunner
from tests.benchmarks import engine
from tests.benchmarks.measure import interleave, rate
from tests.benchmarks.result import Row

SEQUENCES = 1, 8
LONG, SHORT = 4096, 512
OURS, PEER = f"length {LONG:,}", f"length {SHORT}"


def rows() -> Iterator[Row]:
    """Measure a row for each number of sequences."""
    runner = engine.runner(engine.decoder(), engine.MIN_SLOTS)
    _generating(runner, 1, SHORT)()
    for count in SEQUENCES:
        figures = interleave(
            {
                OURS: rate(count * LONG, _generating(runner, count, LONG)),
                PEER: rate(count * SHORT, _generating(runner, count, SHORT)),
            }
        )
        name = f"{OURS}, {count} at once, tokens/s"
        yield Row.of_rates(name, figures[OURS], PEER, figures[PEER], 0.8)


def _generating(runner: ModelRunner, count: int, length: int) -> Callable[[], None]:
    return lambda: engine.generate(runner, engine.specs(count, length))
