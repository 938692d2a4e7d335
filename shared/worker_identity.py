"""Who a worker process is to the others; refuses to know what it does."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One process, from its start to its end."""

    id: UUID
    """Named by what it has claimed."""
    name: str
    """For people."""
    lease: timedelta
    """How long a claim of it holds without a sign of life."""
