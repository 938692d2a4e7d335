"""Decoding rates of long sequences, whose context is truncated, and of short ones.

After a truncation the remaining context is prefilled again. That takes an eighth of the time of a
sequence, and more when many sequences share the reads of the weights.
"""

from collections.abc import Callable, Iterator

from services.worker.engine.model_runner import ModelRunner
from tests.benchmarks import engine
from tests.benchmarks.measure import interleave, rate
from tests.benchmarks.result import Row

SEQUENCES = 1, 8
LONG, SHORT = 4096, 512
LONG_NAME, SHORT_NAME = f"length {LONG:,}", f"length {SHORT}"


def rows() -> Iterator[Row]:
    """Measure a row for each number of sequences."""
    runner = engine.runner(engine.decoder(), engine.MIN_SLOTS)
    _generating(runner, 1, SHORT)()
    for count in SEQUENCES:
        rates = interleave(
            {
                LONG_NAME: rate(count * LONG, _generating(runner, count, LONG)),
                SHORT_NAME: rate(count * SHORT, _generating(runner, count, SHORT)),
            }
        )
        name = f"{LONG_NAME}, {count} {'sequence' if count == 1 else 'sequences'}, tokens/s"
        yield Row.of_rates(name, rates[LONG_NAME], SHORT_NAME, rates[SHORT_NAME], 0.8)


def _generating(runner: ModelRunner, count: int, length: int) -> Callable[[], None]:
    return lambda: engine.generate(runner, engine.specs(count, length))
