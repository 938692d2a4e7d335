"""Webhooks of owners and of single jobs, and the deliveries to them.

The trigger `jobs_add_webhook_deliveries` (migration 0024) inserts the deliveries of a job in the
transaction that ends it. Secrets are stored as they are, because each delivery is signed with them.
"""

from sqlalchemy import ARRAY, Column, DateTime, Index, Integer, Table, Text, Uuid, func, text

from shared.db.tables.columns import count, created_at, metadata, timestamp

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text)),
    Column("secret", Text, nullable=False),
    created_at(),
    timestamp("failing_since"),
    timestamp("disabled_at"),
    Column("disabled_reason", Text),
    Column("key_id", Uuid),
    Index("webhooks_by_owner", "owner", "id"),
)

job_webhook_secrets = Table(
    "job_webhook_secrets",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("secret", Text, nullable=False),
    created_at(),
)

job_webhooks = Table(
    "job_webhooks",
    metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", ARRAY(Text)),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("webhook_delivery_id()")),
    Column("owner", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("webhook_id", Uuid),
    Column("job_id", Uuid),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    count("claims"),
    count("attempts"),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_status", Integer),
    Column("last_error", Text),
    created_at(),
    timestamp("ended_at"),
    Index("webhook_deliveries_by_owner", "owner", "id"),
    Index("webhook_deliveries_by_state", "owner", "state", "id"),
)
_PENDING = text("state = 'pending'")
Index(
    "webhook_deliveries_pending",
    *(webhook_deliveries.c.owner, webhook_deliveries.c.host, webhook_deliveries.c.next_attempt_at),
    postgresql_where=_PENDING,
)
Index("webhook_deliveries_due", webhook_deliveries.c.next_attempt_at, postgresql_where=_PENDING)
Index(
    "webhook_deliveries_ended",
    webhook_deliveries.c.ended_at,
    postgresql_where=text("ended_at IS NOT NULL"),
)
