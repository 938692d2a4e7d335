"""What travels through Redis to a worker: a hint where to look, never what to do."""

from uuid import UUID

from ostinato.schemas.schema import Wire


class Hint(Wire):
    """A shard is waiting; whoever claims it reads the rest from PostgreSQL."""

    shard_id: UUID
    attempt: int
    """The attempt that the hint was written for; a stale one claims nothing."""
    traceparent: str | None = None
    """W3C trace context of the request."""
