"""The streamer: tells listeners the notes that have become final, at most ten times a second.

What Redis misses is not lost: it is sent again from where its stream ends. Refuses to know what a
note is made from.
"""

from services.worker.active_shards import Stage
from services.worker.shard_run import Performance
from shared.broker.streams import EventStreams

INTERVAL_SECONDS = 0.1


class Streamer:
    """Appends new notes to the event streams of interactive jobs."""

    def __init__(self, stage: Stage, streams: EventStreams) -> None:
        self._stage = stage
        self._streams = streams

    async def step(self) -> None:
        """Tell what is new in all pieces.

        Raises:
            Unavailable: Redis does not answer; the notes are told later.
        """
        await self._tell([held for held in self._stage.held.values() if held.streamed])

    async def _tell(self, performances: list[Performance]) -> None:
        news = [each for performance in performances for each in performance.news()]
        if not news:
            return
        known = await self._streams.append_notes([notes for _, notes in news])
        for (piece, notes), told in zip(news, known, strict=True):
            piece.told = told
            piece.told_bars = notes.bars if told >= notes.first else 0
