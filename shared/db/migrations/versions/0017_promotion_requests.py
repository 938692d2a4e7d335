"""Promotions take effect once a worker has tested the weights. Forward only.

Processes of the previous release set `promoted_at` themselves; workers test such weights, too.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATEMENTS = (
    "ALTER TABLE models ADD requested_at timestamptz, ADD refusal text, ADD served_at timestamptz",
    # One row of each version
    "UPDATE models SET served_at = promoted_at WHERE promoted_at IS NOT NULL",
    "CREATE UNIQUE INDEX models_requested ON models (version) WHERE requested_at IS NOT NULL",
)


def upgrade() -> None:
    """Add the columns, and count the promoted weights as tested."""
    for statement in STATEMENTS:
        op.execute(statement)
