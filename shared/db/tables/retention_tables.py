"""What was deleted, as long as some of its rows or files are still there."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    false,
    func,
    text,
)

from shared.db.tables.columns import metadata

deleted_jobs = Table(
    "deleted_jobs",
    metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("is_purged", Boolean, nullable=False, server_default=false()),
    Column("deleted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("deleted_jobs_to_purge", "deleted_at", postgresql_where=text("NOT is_purged")),
    Index("deleted_jobs_purged", "deleted_at", postgresql_where=text("is_purged")),
)

deleted_melodies = Table(
    "deleted_melodies",
    metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("index", Integer, primary_key=True, autoincrement=False),
)

deleted_models = Table(
    "deleted_models",
    metadata,
    Column("version", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
)
