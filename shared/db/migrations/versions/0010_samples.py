"""Points of a learning curve: what the model wrote there. Forward only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply; of the points that there are, nothing was written down."""
    op.add_column("points", sa.Column("sample", JSONB(), nullable=False, server_default="[]"))
    op.alter_column("points", "sample", server_default=None)
