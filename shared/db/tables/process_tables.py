"""What processes report about themselves, and what owners have used."""

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

usage_days = Table(
    "usage_days",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("jobs", BigInteger, nullable=False),
    Column("melodies", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    Index("usage_days_by_day", "day"),
)
