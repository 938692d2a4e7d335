"""The shards that this process has claimed, until their sequences finish.

Used only on the worker's event loop; the engine's thread passes its outputs to that loop.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable, Sequence
from uuid import UUID

from services.worker.canary import Canary, CanaryId
from services.worker.engine.engine import Engine
from services.worker.engine.interface import EngineOutput, EngineStats
from services.worker.model_registry import LoadedModel
from services.worker.shard_run import SequenceId, ShardRun

log = logging.getLogger(__name__)

MAX_RUNS_PER_COMMIT = 64


class ActiveShards:
    """Every shard of this process, from its claim to its commit."""

    def __init__(self, *, reserved_interactive_seqs: int) -> None:
        self.in_flight: dict[UUID, ShardRun] = {}
        self.is_reserved = False
        """Whether an isolated shard waits until the others have ended."""
        self._canaries: dict[Hashable, Canary] = {}
        self._finished: dict[UUID, ShardRun] = {}
        """Runs with melodies that the committer has to commit, by shard."""
        self._has_finished = asyncio.Event()
        self.idle = asyncio.Event()
        """Set while no shard is in flight."""
        self.idle.set()
        self._engine = Engine(self._on_outputs, reserved_interactive_seqs)
        self._loop: asyncio.AbstractEventLoop | None = None

    def start_engine(self) -> None:
        """Start the engine; call it on the worker's event loop."""
        self._loop = asyncio.get_running_loop()
        self._engine.start()

    def stop_engine(self) -> None:
        """Stop the engine and discard all runs."""
        self._engine.stop()
        self.in_flight.clear()
        self._finished.clear()

    def engine_stats(self) -> EngineStats:
        """The engine's counters and load."""
        return self._engine.stats()

    @property
    def is_engine_alive(self) -> bool:
        """Whether the engine's thread is running; without it no run finishes."""
        return self._engine.is_alive

    def held_items(self, *, is_interactive: bool) -> Counter[str]:
        """The number of unfinished melodies of each owner in one class of jobs."""
        held: Counter[str] = Counter()
        for run in self.in_flight.values():
            if run.shard.is_interactive == is_interactive and run.num_unfinished:
                held[run.shard.owner] += run.num_unfinished
        return held

    async def next_finished(self) -> list[ShardRun]:
        """Wait until melodies have finished; returns the runs that have some."""
        await self._has_finished.wait()
        taken = list(self._finished)[:MAX_RUNS_PER_COMMIT]
        runs = [self._finished.pop(shard_id) for shard_id in taken]
        if not self._finished:
            self._has_finished.clear()
        return runs

    @property
    def runs_isolated(self) -> bool:
        """Whether an isolated shard is in flight."""
        return any(run.shard.is_isolated for run in self.in_flight.values())

    @property
    def has_isolated_turn(self) -> bool:
        """Whether an isolated shard runs or waits for this process, which claims no others then."""
        return self.is_reserved or self.runs_isolated

    @property
    def has_finished(self) -> bool:
        """Whether `next_finished` returns at once."""
        return bool(self._finished)

    async def run_canary(self, model: LoadedModel) -> None:
        """Generate one bar beside the shards.

        Raises:
            CanaryFailed: this process cannot generate with the model.
        """
        canary = Canary(model)
        self._canaries[canary.id] = canary
        try:
            self._engine.submit([canary.request])
            await canary.wait()
        finally:
            del self._canaries[canary.id]
            self._engine.cancel([canary.id])

    def start(self, run: ShardRun) -> None:
        """Submit a run to the engine; a run of an earlier attempt is discarded."""
        if stale := self.in_flight.get(run.shard.shard_id):
            self.discard(stale)
        self.in_flight[run.shard.shard_id] = run
        self.idle.clear()
        self._engine.submit(run.engine_requests())
        if run.is_finished:  # every item is invalid
            self._commit(run)

    def cancel(self, shard_id: UUID) -> None:
        """Cancel the sequences of a shard; its run finishes when all of them have ended."""
        if run := self.in_flight.get(shard_id):
            self._engine.cancel(run.sequence_ids())

    def discard(self, run: ShardRun) -> None:
        """Drop a run and all further output of its sequences."""
        if self.in_flight.get(run.shard.shard_id) is run:
            del self.in_flight[run.shard.shard_id]
            self._finished.pop(run.shard.shard_id, None)
            self._engine.cancel(run.sequence_ids())
        if not self.in_flight:
            self.idle.set()

    def _on_outputs(self, outputs: Sequence[EngineOutput]) -> None:
        assert self._loop is not None  # noqa: S101 - `start_engine` sets it before the engine runs
        self._loop.call_soon_threadsafe(self._dispatch, outputs)

    def _dispatch(self, outputs: Sequence[EngineOutput]) -> None:
        for output in outputs:
            if isinstance(output.id, CanaryId):
                if canary := self._canaries.get(output.id):
                    canary.apply(output)
                continue
            assert isinstance(output.id, SequenceId)  # noqa: S101 - `engine_requests` creates these ids
            run = self.in_flight.get(output.id.shard_id)
            if run is not None and run.shard.attempt == output.id.attempt:
                self._apply(run, output.id.melody, output)

    def _apply(self, run: ShardRun, index: int, output: EngineOutput) -> None:
        run.apply(index, output)
        if run.error is not None:
            log.error("Shard %s: %s", run.shard.shard_id, run.error, extra=run.shard.log_fields)
            self._engine.cancel(run.sequence_ids())
        if output.finish_reason is not None:
            self._commit(run)

    def _commit(self, run: ShardRun) -> None:
        self._finished[run.shard.shard_id] = run
        self._has_finished.set()
