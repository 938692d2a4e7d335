"""The database tables; only the repositories of this package query them.

Lock order in every transaction: jobs, their shards, the counters of their owners.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
    }
)


def _created_at() -> Column[object]:
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now())


def _timestamp(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True))


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    _created_at(),
    _timestamp("revoked_at"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("job_id", Uuid, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("tickets_expires_at", "expires_at"),
)

models = Table(
    "models",
    metadata,
    Column("version", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("card", JSONB, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _timestamp("promoted_at"),
    Column("data_error", Text),
)
Index(
    "models_promoted",
    models.c.version,
    unique=True,
    postgresql_where=models.c.promoted_at.is_not(None),
)

primers = Table(
    "primers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("notes", JSONB, nullable=False),
    Column("bars", Integer, nullable=False),
    _created_at(),
)

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
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, server_default="generation"),
    Column("owner", Text, nullable=False),
    Column("state", Text, nullable=False),
    _count("pause_count"),
    Column("priority", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("num_items", Integer, nullable=False),
    _count("succeeded"),
    _count("failed"),
    _count("cancelled"),
    Column("error", JSONB(none_as_null=True)),
    Column("version", Text),
    Column("retry_of", Uuid),
    Column("traceparent", Text),
    Column("idempotency_key", Text),
    Column("request_sha256", LargeBinary, nullable=False),
    _created_at(),
    _timestamp("started_at"),
    _timestamp("finished_at"),
    UniqueConstraint("owner", "idempotency_key"),
    _timestamp("deadline_at"),
    Index("jobs_by_owner", "owner", "kind", "id"),
)
_PENDING = text("state IN ('queued', 'running', 'paused', 'cancelling')")
_HAS_DEADLINE = text("deadline_at IS NOT NULL AND state IN ('queued', 'running', 'paused')")
_ENDED = text("state IN ('succeeded', 'partial', 'failed', 'cancelled')")
Index("jobs_pending", jobs.c.owner, jobs.c.kind, jobs.c.state, jobs.c.id, postgresql_where=_PENDING)
Index("jobs_ended", jobs.c.owner, jobs.c.kind, jobs.c.state, jobs.c.id, postgresql_where=_ENDED)
Index("jobs_deadline", jobs.c.deadline_at, postgresql_where=_HAS_DEADLINE)
Index(
    "jobs_version",
    jobs.c.version,
    unique=True,
    postgresql_where=jobs.c.state.not_in(("failed", "cancelled")),
)

training_metrics = Table(
    "training_metrics",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
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
)

engravings = Table(
    "engravings",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("musicxml", Text),
)

shards = Table(
    "shards",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("owner", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("first_index", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    _count("ended_items"),
    Column("items", JSONB(none_as_null=True)),
    Column("work", Double, nullable=False),
    Column("rank", Double, nullable=False),
    Column("state", Text, nullable=False),
    _count("attempt"),
    _count("crashes"),
    Column("worker_id", Uuid),
    _timestamp("lease_expires_at"),
    Column("error", JSONB(none_as_null=True)),
    UniqueConstraint("job_id", "first_index"),
)
Index(
    "shards_claimable",
    *(shards.c.queue, shards.c.model, shards.c.rank, shards.c.id),
    postgresql_where=text("state = 'queued' AND crashes < 2"),
)
Index(
    "shards_isolated",
    *(shards.c.queue, shards.c.model, shards.c.rank),
    postgresql_where=text("state = 'queued' AND crashes >= 2"),
)
Index("shards_running", shards.c.worker_id, postgresql_where=text("state = 'running'"))
Index("shards_running_of_job", shards.c.job_id, postgresql_where=text("state = 'running'"))
Index("shards_leases", shards.c.lease_expires_at, postgresql_where=text("state = 'running'"))

owner_queues = Table(
    "owner_queues",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("queue", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("pending_items", BigInteger, nullable=False),
    Column("paused_items", BigInteger, nullable=False, server_default="0"),
    Column("next_rank", Double, nullable=False),
)
Index(
    "owner_queues_pending",
    *(owner_queues.c.queue, owner_queues.c.model),
    postgresql_where=text("pending_items > 0"),
)

queue_clocks = Table(
    "queue_clocks",
    metadata,
    Column("queue", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("virtual_time", Double, nullable=False),
)

item_errors = Table(
    "item_errors",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
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
    _created_at(),
    Index("outbox_by_job", "job_id", "id"),
)

melodies = Table(
    "melodies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
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
    _created_at(),
    UniqueConstraint("job_id", "index"),
    Index("melodies_by_owner", "owner", "id"),
    Index("melodies_favourites", "owner", "id", postgresql_where=text("favourite")),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("engine_stats", JSONB, nullable=False),
    Column("loaded_models", JSONB, nullable=False, server_default="{}"),
    Column("numerics", JSONB, nullable=False, server_default="{}"),
    Column("load_errors", JSONB, nullable=False, server_default="{}"),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("heartbeat_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
