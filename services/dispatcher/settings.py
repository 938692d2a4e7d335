"""Dispatcher settings, from `OSTINATO_*` environment variables."""

from typing import Annotated

from pydantic import Field

from shared.settings import CommonSettings


class DispatcherSettings(CommonSettings):
    """The intervals of the dispatcher's loops."""

    dispatcher_interval_seconds: Annotated[float, Field(gt=0)] = 1.0
    """Seconds between two checks for overdue messages, expired leases and passed deadlines."""
    outage_grace_seconds: Annotated[float, Field(ge=0)] = 10.0
    """Seconds after an outage of PostgreSQL without reaping; at least two heartbeat intervals."""
