"""Data sets and results of the trainer's jobs, and the trainers."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables.columns import metadata

datasets = Table(
    "datasets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("num_bytes", BigInteger, nullable=False),
    Column("num_files", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("report", JSONB(none_as_null=True)),
    Index("datasets_by_owner", "owner", "id"),
    Index("datasets_by_name", "name"),
)

training_metrics = Table(
    "training_metrics",
    metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("tokens", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("train_nats_per_token", Double, nullable=False),
    Column("held_out_nats_per_note", Double, nullable=False),
    Column("preview_notes", JSONB, nullable=False),
)

evaluations = Table(
    "evaluations",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Text, nullable=False),
    Column("model_sha256", Text, nullable=False),
    Column("samples", JSONB(none_as_null=True)),
    Column("by_admin", Boolean, nullable=False, server_default=true()),
)

engravings = Table(
    "engravings",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("musicxml", Text),
)

trainers = Table(
    "trainers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("heartbeat_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
