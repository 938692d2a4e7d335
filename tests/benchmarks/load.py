"""256 requests of many lengths that come one by one: the engine beside static batches of 32.

Both run in real time; a batch begins when its last request has come.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from services.worker.engine.model_runner import Runner
from shared.models.sampling_params import SampleRequest
from tests.benchmarks import ours
from tests.benchmarks.measure import interleave
from tests.benchmarks.row import Row

REQUESTS = 256
PER_SECOND = 16.0
SHORTEST, LONGEST = 128, 512
SLOTS, BATCH = 64, 32
OURS, PEER = "ours", f"static batches of {BATCH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked for, and when."""

    requests: Sequence[SampleRequest]
    lengths: Sequence[int]
    arrivals: Sequence[float]
    """Seconds from the beginning, ascending."""

    @classmethod
    def poisson(cls, seed: int) -> "Load":
        """Lengths that are equally likely, and arrivals that know nothing of each other."""
        rng = np.random.default_rng(seed)
        lengths = rng.integers(SHORTEST, LONGEST + 1, REQUESTS).tolist()
        return cls(
            requests=[ours.sample(number, length) for number, length in enumerate(lengths)],
            lengths=lengths,
            arrivals=rng.exponential(1 / PER_SECOND, REQUESTS).cumsum().tolist(),
        )


@dataclass(slots=True, kw_only=True)
class Side:
    """A contender: serves the load and says tokens a second."""

    load: Load
    serve: Callable[[Load], Sequence[float]]
    """Seconds from the beginning to the end of each request."""
    p95: list[float] = field(default_factory=list)
    """Of each run: seconds from a request's arrival to its end."""

    def __call__(self) -> float:
        """Serve it once."""
        ends = np.array(self.serve(self.load))
        self.p95.append(float(np.percentile(ends - self.load.arrivals, 95)))
        return sum(self.load.lengths) / float(ends.max())


def rows() -> Iterator[Row]:
    """Tokens a second, and how long the slowest twentieth waits."""
    network, load = ours.decoder(), Load.poisson(seed=0)
    engine, batch = ours.runner(network, SLOTS), ours.runner(network, BATCH)
    sides = {
        OURS: Side(load=load, serve=lambda load: serve_in_flight(engine, load)),
        PEER: Side(load=load, serve=lambda load: serve_in_batches(batch, load)),
    }
    rates = interleave(sides)
    p95 = {name: median(side.p95) for name, side in sides.items()}
    what = f"{REQUESTS} mixed requests"
    yield Row.of_rates(f"{what}, tokens/s", rates[OURS], PEER, rates[PEER], 1.4)
    yield Row.of_times(f"{what}, p95 in seconds", p95[OURS], PEER, p95[PEER], 1 / 0.6)


def serve_in_flight(runner: Runner, load: Load) -> list[float]:
    """By the engine, to which every request goes as it comes."""
    with ours.opened(runner) as hall:
        begun = time.monotonic()
        for number, (request, arrival) in enumerate(zip(load.requests, load.arrivals, strict=True)):
            _sleep_until(begun + arrival)
            hall.submit({number: request})
        hall.wait_for(lambda: len(hall.ended) == len(load.requests))
    return [hall.ended[number] - begun for number in range(len(load.requests))]


def serve_in_batches(runner: Runner, load: Load) -> list[float]:
    """In the order in which they came, as many at a time as the runner has rows."""
    begun = time.monotonic()
    ends: list[float] = []
    for at in range(0, len(load.requests), runner.slots):
        requests = load.requests[at : at + runner.slots]
        _sleep_until(begun + load.arrivals[at + len(requests) - 1])
        ours.write_in_step(runner, [_as_long(request, requests) for request in requests])
        ends += [time.monotonic() - begun] * len(requests)
    return ends


def _as_long(request: SampleRequest, batch: Sequence[SampleRequest]) -> SampleRequest:
    """Its row is computed until the longest of the batch has ended, as padding is."""
    return replace(request, bars=max(other.bars for other in batch))


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
