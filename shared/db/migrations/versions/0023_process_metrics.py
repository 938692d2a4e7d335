"""Metrics of processes, and what each owner has used by day. Forward only."""

from collections.abc import Sequence

from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATEMENTS = (
    """
    CREATE TABLE process_metrics (
        id uuid PRIMARY KEY, service text NOT NULL, name text NOT NULL, samples jsonb NOT NULL,
        reported_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX process_metrics_reported_at ON process_metrics (reported_at)",
    """
    CREATE TABLE usage_days (
        owner text, day date,
        jobs bigint NOT NULL, melodies bigint NOT NULL, tokens bigint NOT NULL,
        seconds double precision NOT NULL,
        PRIMARY KEY (owner, day)
    )
    """,
    "CREATE INDEX usage_days_by_day ON usage_days (day)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)
