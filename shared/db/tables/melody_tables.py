"""Primers and generated melodies."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables.columns import created_at, metadata

primers = Table(
    "primers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("notes", JSONB, nullable=False),
    Column("bars", Integer, nullable=False),
    created_at(),
    Column("notes_sha256", LargeBinary),
    Index("primers_by_notes", "owner", "notes_sha256"),
    Index("primers_created", "created_at", "id"),
)

melodies = Table(
    "melodies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("job_id", Uuid, nullable=False),
    Column("index", Integer, nullable=False),
    Column("custom_id", Text),
    Column("owner", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("model", Text, nullable=False),
    Column("model_sha256", Text, nullable=False),
    Column("numerics", Text, nullable=False),
    Column("tempo", Integer, nullable=False),
    Column("bars", Integer, nullable=False),
    Column("num_notes", Integer, nullable=False),
    Column("lowest_pitch", Integer),
    Column("highest_pitch", Integer),
    Column("num_tokens", Integer, nullable=False),
    Column("generation_seconds", Double, nullable=False),
    Column("notes", JSONB, nullable=False),
    Column("midi", LargeBinary, nullable=False),
    Column("favourite", Boolean, nullable=False, server_default=false()),
    created_at(),
    Column("partial", Boolean, nullable=False, server_default=false()),
    Column("attempt", Integer),
    UniqueConstraint("job_id", "index"),
    Index("melodies_by_owner", "owner", "id"),
    Index("melodies_favourites", "owner", "id", postgresql_where=text("favourite")),
    Index("melodies_pinned", "job_id", postgresql_where=text("favourite")),
)
