"""Dispatcher settings, from `OSTINATO_*` environment variables."""

from typing import Annotated

from pydantic import Field

from shared.settings import CommonSettings


class DispatcherSettings(CommonSettings):
    """The intervals of the dispatcher's loops."""

    relay_interval_seconds: Annotated[float, Field(gt=0)] = 0.5
    """Between two checks for overdue outbox messages."""
    reaper_interval_seconds: Annotated[float, Field(gt=0)] = 1.0
    """Between two checks for expired leases, and for jobs past their deadline."""
    outage_grace_seconds: Annotated[float, Field(ge=0)] = 10.0
    """After an outage of PostgreSQL: at least two heartbeats, before leases are reaped again."""
