"""The stage: the performances of this process, fed by the engine until they are over.

Lives on the worker's event loop; the engine's thread only hands over. Refuses to know how a shard
is claimed or committed.
"""

import asyncio
import logging
from collections.abc import Sequence
from uuid import UUID

from services.worker.engine.engine import Engine
from services.worker.engine.stats import EngineStats
from services.worker.engine.interface import Output
from services.worker.shard_run import Performance, PieceId

log = logging.getLogger(__name__)


class Stage:
    """Every shard that this process holds, from its claim to its commit."""

    def __init__(self, *, reserved_slots: int) -> None:
        self.held: dict[UUID, Performance] = {}
        self.over: asyncio.Queue[Performance] = asyncio.Queue()
        """Performances that wait for their commit."""
        self.empty = asyncio.Event()
        """Set while nothing is held."""
        self.empty.set()
        self._engine = Engine(self._hand_over, reserved_slots)
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Start the engine; call it on the event loop that everything else happens on."""
        self._loop = asyncio.get_running_loop()
        self._engine.start()

    def close(self) -> None:
        """Stop the engine; what is still held is forgotten."""
        self._engine.stop()
        self.held.clear()

    def stats(self) -> EngineStats:
        """What the engine has done so far."""
        return self._engine.stats()

    @property
    def is_alive(self) -> bool:
        """Whether the engine's thread lives; without it nothing here will ever be over."""
        return self._engine.is_alive

    def begin(self, performance: Performance) -> None:
        """Let the engine play a claimed shard; what we had of an earlier claim is dropped."""
        if stale := self.held.get(performance.claim.shard_id):
            self.drop(stale)
        self.held[performance.claim.shard_id] = performance
        self.empty.clear()
        self._engine.submit(performance.sequences())

    def cancel(self, shard_id: UUID) -> None:
        """Give up its sequences at their next step; it is over when each has said so."""
        if performance := self.held.get(shard_id):
            self._engine.cancel(performance.ids())

    def drop(self, performance: Performance) -> None:
        """Forget a performance, whatever its sequences still write."""
        if self.held.get(performance.claim.shard_id) is performance:
            del self.held[performance.claim.shard_id]
            self._engine.cancel(performance.ids())
        if not self.held:
            self.empty.set()

    def _hand_over(self, outputs: Sequence[Output]) -> None:
        assert self._loop is not None  # noqa: S101 - the engine starts after `open` has set it
        self._loop.call_soon_threadsafe(self._take, outputs)

    def _take(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            assert isinstance(output.id, PieceId)  # noqa: S101 - all its ids are ours
            performance = self.held.get(output.id.shard_id)
            if performance is not None and performance.claim.attempt == output.id.attempt:
                self._feed(performance, output.id.melody, output)

    def _feed(self, performance: Performance, index: int, output: Output) -> None:
        performance.take(index, output)
        if performance.error is not None:
            log.error("Shard %s: %s", performance.claim.shard_id, performance.error)
            self._engine.cancel(performance.ids())
        if performance.is_over:
            self.over.put_nowait(performance)
