"""A single-use ticket for an event stream, for clients that cannot send headers."""

from datetime import datetime

from ostinato.schemas.schema import Schema


class Ticket(Schema):
    """Pass it as `?ticket=`; the first use invalidates it."""

    ticket: str
    expires_at: datetime
