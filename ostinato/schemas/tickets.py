"""A single-use ticket for an event stream, for clients that cannot send headers."""

from datetime import datetime

from ostinato.schemas.schema import Schema


class Ticket(Schema):
    """Pass it as `?ticket=`; the first use invalidates it."""

    ticket: str
    """Single-use secret for the stream of one job."""
    expires_at: datetime
    """Until when it can be used: one minute after it was created."""
