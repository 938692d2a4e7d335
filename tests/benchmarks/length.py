"""Tokens a second of long sequences, whose context is cut again and again, beside short ones."""

from collections.abc import Callable, Iterator

from services.worker.engine.runner import Runner
from tests.benchmarks import ours
from tests.benchmarks.measure import interleave, rate
from tests.benchmarks.row import Row

ROWS = 8
LONG, SHORT = 4096, 512
OURS, PEER = f"length {LONG:,}", f"length {SHORT}"


def rows() -> Iterator[Row]:
    """The one."""
    runner = ours.runner(ours.decoder(), max(ROWS, ours.FEWEST_SLOTS))
    _writing(runner, SHORT)()
    figures = interleave(
        {
            OURS: rate(ROWS * LONG, _writing(runner, LONG)),
            PEER: rate(ROWS * SHORT, _writing(runner, SHORT)),
        }
    )
    yield Row.of_rates(f"{OURS}, tokens/s", figures[OURS], PEER, figures[PEER], 0.8)


def _writing(runner: Runner, length: int) -> Callable[[], None]:
    return lambda: ours.write(runner, ours.samples(ROWS, length))
