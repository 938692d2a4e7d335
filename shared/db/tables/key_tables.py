"""Keys of clients, and tickets for WebSockets."""

from sqlalchemy import (
    ARRAY,
    Column,
    DateTime,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
)

from shared.db.tables.columns import created_at, metadata, timestamp

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    created_at(),
    timestamp("revoked_at"),
    Column("name", Text, nullable=False, server_default=""),
    Column("scopes", ARRAY(Text), nullable=False, server_default="{generate,train,admin}"),
    timestamp("expires_at"),
    timestamp("last_used_at"),
    Column("first_id", Uuid),
    Index("api_keys_by_owner", "owner", "id"),
    Index("api_keys_by_prefix", "prefix"),
)
Index(
    "api_keys_by_first_id",
    api_keys.c.first_id,
    postgresql_where=api_keys.c.first_id.is_not(None),
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
