"""What processes report about themselves, and what owners and keys have used."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables.columns import metadata

process_metrics = Table(
    "process_metrics",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("service", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("samples", JSONB, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("process_metrics_reported_at", "reported_at"),
)


def _usage() -> list[Column[Any]]:
    """What was used on one day."""
    return [
        *(Column(name, BigInteger, nullable=False) for name in ("jobs", "melodies", "tokens")),
        Column("seconds", Double, nullable=False),
    ]


usage_days = Table(
    "usage_days",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    *_usage(),
    Index("usage_days_by_day", "day"),
)

key_usage_days = Table(
    "key_usage_days",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key_id", Uuid, primary_key=True),
    Column("day", Date, primary_key=True),
    *_usage(),
    Index("key_usage_days_by_day", "day"),
)
