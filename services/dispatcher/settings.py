"""Dispatcher settings, from `OSTINATO_*` environment variables."""

from typing import Annotated

from pydantic import Field

from shared.settings import CommonSettings, RetentionSettings


class DispatcherSettings(CommonSettings, RetentionSettings):
    """The intervals of the dispatcher's loops, and how long results are kept."""

    dispatcher_interval_seconds: Annotated[float, Field(gt=0)] = 1.0
    """Seconds between two checks for overdue messages, expired leases and passed deadlines."""
    outage_grace_seconds: Annotated[float, Field(ge=0)] = 10.0
    """Seconds after an outage of PostgreSQL without reaping; at least two heartbeat intervals."""
