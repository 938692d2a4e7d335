"""Messages that are sent to workers and trainers through Redis."""

from uuid import UUID

from ostinato.schemas.schema import Schema


class ShardNotification(Schema):
    """A shard is queued. It carries no work: a worker claims the shard in PostgreSQL."""

    shard_id: UUID
    attempt: int
    """The shard's attempt when the notification was sent; a stale one claims nothing."""
    traceparent: str | None = None
    """W3C trace context of the HTTP request."""
