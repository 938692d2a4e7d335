"""Engravings and their sheet music. Forward only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "engravings",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("musicxml", sa.Text()),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("engravings_job_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("engravings_pkey")),
    )
