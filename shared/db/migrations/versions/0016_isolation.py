"""Attempts that count against a shard, and canaries. Forward only."""

from collections.abc import Sequence

from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns; no row is rewritten, because their defaults are constants."""
    op.execute(
        "ALTER TABLE shards ADD failed_attempts integer NOT NULL DEFAULT 0,"
        " ADD isolated_attempt integer"
    )
    op.execute("ALTER TABLE workers ADD canary_model text")
