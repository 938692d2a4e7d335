"""Notes that a model generated at each validation. Forward only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add the column; existing validations have no notes."""
    op.add_column("points", sa.Column("sample", JSONB(), nullable=False, server_default="[]"))
    op.alter_column("points", "sample", server_default=None)
