"""What the dispatcher reads from its environment."""

from typing import Annotated

from pydantic import Field

from shared.settings import CommonSettings


class DispatcherSettings(CommonSettings):
    """How often its loops look."""

    relay_seconds: Annotated[float, Field(gt=0)] = 0.5
    """Between two looks for promises that nobody has kept."""
    reap_seconds: Annotated[float, Field(gt=0)] = 1.0
    """Between two looks for leases that have ended."""
    grace_seconds: Annotated[float, Field(ge=0)] = 10.0
    """After an outage of PostgreSQL: time for two heartbeats before a lease is taken for ended."""
