"""Continuous batching compared with static batches of 32, for 256 mixed requests.

Both run in real time; a static batch starts when its last request has arrived.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from services.worker.engine.model_runner import ModelRunner
from shared.models.sampling_params import GenerationSpec
from tests.benchmarks import engine
from tests.benchmarks.measure import interleave
from tests.benchmarks.result import Row

REQUESTS = 256
PER_SECOND = 16.0
MIN_LENGTH, MAX_LENGTH = 128, 512
SLOTS, BATCH = 64, 32
OSTINATO, BASELINE = "Ostinato", f"static batches of {BATCH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests and their arrival times."""

    requests: Sequence[GenerationSpec]
    lengths: Sequence[int]
    arrivals: Sequence[float]
    """Arrival times in seconds from the start, ascending."""

    @classmethod
    def poisson(cls, seed: int) -> "Load":
        """Uniformly distributed lengths, and a Poisson process of arrivals."""
        rng = np.random.default_rng(seed)
        lengths = rng.integers(MIN_LENGTH, MAX_LENGTH + 1, REQUESTS).tolist()
        return cls(
            requests=[engine.spec(number, length) for number, length in enumerate(lengths)],
            lengths=lengths,
            arrivals=rng.exponential(1 / PER_SECOND, REQUESTS).cumsum().tolist(),
        )


@dataclass(slots=True, kw_only=True)
class LoadContender:
    """A contender that serves the load and returns tokens per second."""

    load: Load
    serve: Callable[[Load], Sequence[float]]
    """Returns the seconds from the start to the end of each request."""
    p95: list[float] = field(default_factory=list)
    """95th percentile of the seconds from arrival to end, one value for each run."""

    def __call__(self) -> float:
        """Serve the load once."""
        ends = np.array(self.serve(self.load))
        self.p95.append(float(np.percentile(ends - self.load.arrivals, 95)))
        return sum(self.load.lengths) / float(ends.max())


def rows() -> Iterator[Row]:
    """Measure tokens per second and the 95th percentile of latency."""
    network, load = engine.decoder(), Load.poisson(seed=0)
    continuous, static = engine.runner(network, SLOTS), engine.runner(network, BATCH)
    contenders = {
        OSTINATO: LoadContender(load=load, serve=lambda load: serve_continuously(continuous, load)),
        BASELINE: LoadContender(load=load, serve=lambda load: serve_in_batches(static, load)),
    }
    rates = interleave(contenders)
    p95 = {name: median(contender.p95) for name, contender in contenders.items()}
    requests = f"{REQUESTS} mixed requests"
    yield Row.of_rates(f"{requests}, tokens/s", rates[OSTINATO], BASELINE, rates[BASELINE], 1.4)
    name = f"{requests}, p95 in seconds"
    yield Row.of_times(name, p95[OSTINATO], BASELINE, p95[BASELINE], 1 / 0.6)


def serve_continuously(runner: ModelRunner, load: Load) -> list[float]:
    """Submit each request to the engine when it arrives."""
    with engine.running_engine(runner) as harness:
        start = time.monotonic()
        for number, (request, arrival) in enumerate(zip(load.requests, load.arrivals, strict=True)):
            _sleep_until(start + arrival)
            harness.submit({number: request})
        harness.wait_for(lambda: len(harness.ended) == len(load.requests))
    return [harness.ended[number] - start for number in range(len(load.requests))]


def serve_in_batches(runner: ModelRunner, load: Load) -> list[float]:
    """Serve the requests in order of arrival, in batches of the runner's size."""
    start = time.monotonic()
    ends: list[float] = []
    for start_index in range(0, len(load.requests), runner.max_num_seqs):
        requests = load.requests[start_index : start_index + runner.max_num_seqs]
        _sleep_until(start + load.arrivals[start_index + len(requests) - 1])
        engine.generate_static_batch(runner, [_padded(request, requests) for request in requests])
        ends += [time.monotonic() - start] * len(requests)
    return ends


def _padded(request: GenerationSpec, batch: Sequence[GenerationSpec]) -> GenerationSpec:
    """The request with the length of the longest one in its batch: padding is computed too."""
    return replace(request, bars=max(other.bars for other in batch))


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
