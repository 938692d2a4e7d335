"""Workers report the arithmetic of each loaded version. Forward only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add the column; each worker fills it in with its next heartbeat."""
    op.add_column(
        "workers", sa.Column("numerics", JSONB(), nullable=False, server_default=sa.text("'{}'"))
    )
