"""Jobs, their errors, and messages about them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
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

from shared.db.tables.columns import count, created_at, metadata, timestamp

jobs = Table(
    "jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, server_default="generation"),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    count("pause_count"),
    Column("priority", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("num_items", Integer, nullable=False),
    count("succeeded"),
    count("failed"),
    count("cancelled"),
    Column("error", JSONB(none_as_null=True)),
    Column("version", Text),
    Column("retry_of", Uuid),
    Column("traceparent", Text),
    Column("idempotency_key", Text),
    Column("request_sha256", LargeBinary, nullable=False),
    created_at(),
    timestamp("started_at"),
    timestamp("finished_at"),
    UniqueConstraint("owner", "idempotency_key"),
    timestamp("deadline_at"),
    Column("is_expired", Boolean, nullable=False, server_default=false()),
    timestamp("cancel_requested_at"),
    Column("key_id", Uuid),
    Index("jobs_by_owner", "owner", "kind", "id"),
)
_PENDING = text("state IN ('queued', 'running', 'paused', 'cancelling')")
_HAS_DEADLINE = text("deadline_at IS NOT NULL AND state IN ('queued', 'running', 'paused')")
_ENDED = text("state IN ('succeeded', 'partial', 'failed', 'cancelled')")
Index("jobs_pending", jobs.c.owner, jobs.c.kind, jobs.c.state, jobs.c.id, postgresql_where=_PENDING)
Index("jobs_ended", jobs.c.owner, jobs.c.kind, jobs.c.state, jobs.c.id, postgresql_where=_ENDED)
Index(
    "jobs_cancelled",
    *(jobs.c.owner, jobs.c.kind, jobs.c.id),
    postgresql_where=text("state = 'cancelled' AND NOT is_expired"),
)
Index(
    "jobs_expired",
    *(jobs.c.owner, jobs.c.kind, jobs.c.id),
    postgresql_where=text("is_expired"),
)
Index("jobs_deadline", jobs.c.deadline_at, postgresql_where=_HAS_DEADLINE)
Index(
    "jobs_finished",
    *(jobs.c.kind, jobs.c.finished_at, jobs.c.id),
    postgresql_where=jobs.c.finished_at.is_not(None),
)
Index(
    "jobs_version",
    jobs.c.version,
    unique=True,
    postgresql_where=jobs.c.state.not_in(("failed", "cancelled")),
)

item_errors = Table(
    "item_errors",
    metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("custom_id", Text),
    Column("error", JSONB, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("job_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    created_at(),
    Index("outbox_by_job", "job_id", "id"),
)
