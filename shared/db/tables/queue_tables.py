"""Shards in their fair order, and the workers that run them."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables.columns import count, metadata, timestamp

shards = Table(
    "shards",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("job_id", Uuid, nullable=False),
    Column("owner", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("first_index", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    count("ended_items"),
    Column("items", JSONB(none_as_null=True)),
    Column("work", Double, nullable=False),
    Column("rank", Double, nullable=False),
    Column("state", Text, nullable=False),
    count("attempt"),
    count("crashes"),
    count("failed_attempts"),
    Column("isolated_attempt", Integer),
    Column("worker_id", Uuid),
    timestamp("lease_expires_at"),
    Column("error", JSONB(none_as_null=True)),
    Column("leases", JSONB(none_as_null=True)),
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

workers = Table(
    "workers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("engine_stats", JSONB, nullable=False),
    Column("loaded_models", JSONB, nullable=False, server_default="{}"),
    Column("numerics", JSONB, nullable=False, server_default="{}"),
    Column("load_errors", JSONB, nullable=False, server_default="{}"),
    Column("canary_model", Text),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("heartbeat_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
