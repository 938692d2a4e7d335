"""Publishes new notes of interactive jobs, up to ten times a second.

If Redis has lost notes of a stream, they are published again.
"""

from services.worker.active_shards import ActiveShards
from services.worker.run_metrics import record_first_note
from services.worker.shard_run import ShardRun
from shared.broker.streams import EventStreams

NOTE_STREAM_INTERVAL_SECONDS = 0.1


class NoteStreamer:
    """Appends new notes to the event streams of interactive jobs."""

    def __init__(self, active: ActiveShards, streams: EventStreams) -> None:
        self._active = active
        self._streams = streams

    async def publish_new_notes(self) -> None:
        """Publish the new notes of all interactive runs.

        Raises:
            Unavailable: Redis does not answer; the next call publishes the notes.
        """
        await self._publish(
            [run for run in self._active.in_flight.values() if run.shard.is_interactive]
        )

    async def _publish(self, runs: list[ShardRun]) -> None:
        unpublished = [pair for run in runs for pair in run.unpublished()]
        if not unpublished:
            return
        lengths = await self._streams.append([batch for _, batch in unpublished])
        for (builder, batch), length in zip(unpublished, lengths, strict=True):
            builder.num_published_notes = length
            builder.num_published_bars = batch.bars if length >= batch.first else 0
        for run in runs:
            if run.has_published_notes:
                record_first_note(run)
