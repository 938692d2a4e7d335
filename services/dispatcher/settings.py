"""Dispatcher settings, from `OSTINATO_*` environment variables."""

from typing import Annotated

from pydantic import Field

from shared.settings import WebhookSettings


class DispatcherSettings(WebhookSettings):
    """The intervals of the dispatcher's loops, and how long webhooks may take."""

    dispatcher_interval_seconds: Annotated[float, Field(gt=0)] = 1.0
    """Seconds between two checks for overdue messages, expired leases and passed deadlines."""
    outage_grace_seconds: Annotated[float, Field(ge=0)] = 10.0
    """Seconds after an outage of PostgreSQL without reaping; at least two heartbeat intervals."""
    webhook_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 15.0
    """Seconds in which the receiver of a webhook has to answer."""
