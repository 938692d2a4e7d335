"""Melodies can be marked as favourites. Forward only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add the column; no existing melody is a favourite."""
    op.add_column(
        "melodies", sa.Column("favourite", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(
        "melodies_favourites",
        "melodies",
        ["owner", "id"],
        postgresql_where=sa.text("favourite"),
    )
