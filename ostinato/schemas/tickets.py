"""A ticket opens one event stream once, where a header cannot carry the key (browsers)."""

from datetime import datetime

from ostinato.schemas.schema import Wire


class Ticket(Wire):
    """Pass it as `?ticket=`; it is spent by the first use."""

    ticket: str
    expires_at: datetime
