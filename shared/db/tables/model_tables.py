"""Registered weights of model versions."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables.columns import metadata, timestamp

models = Table(
    "models",
    metadata,
    Column("version", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("card", JSONB, nullable=False),
    Column("sampling", JSONB),
    Column("registered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    timestamp("promoted_at"),
    Column("data_error", Text),
    timestamp("requested_at"),
    Column("refusal", Text),
    timestamp("served_at"),
    Column("num_bytes", BigInteger),
    Column("owner", Text),
    timestamp("demoted_at"),
)
Index(
    "models_promoted",
    models.c.version,
    unique=True,
    postgresql_where=models.c.promoted_at.is_not(None),
)
Index(
    "models_requested",
    models.c.version,
    unique=True,
    postgresql_where=models.c.requested_at.is_not(None),
)
