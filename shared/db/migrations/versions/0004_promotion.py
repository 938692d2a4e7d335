"""Promotion: several weights per version, one of which is served. Forward only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns; the weights that are registered so far stay served."""
    op.add_column("models", sa.Column("sha256", sa.Text()))
    op.add_column("models", sa.Column("promoted_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE models SET sha256 = card->>'sha256', promoted_at = registered_at")
    op.alter_column("models", "sha256", nullable=False)
    op.drop_constraint("models_pkey", "models", type_="primary")
    op.create_primary_key("models_pkey", "models", ["version", "sha256"])
    op.create_index(
        "models_promoted",
        "models",
        ["version"],
        unique=True,
        postgresql_where=sa.text("promoted_at IS NOT NULL"),
    )
    for name in ("resident", "refused"):
        op.add_column(
            "workers", sa.Column(name, JSONB(), nullable=False, server_default=sa.text("'{}'"))
        )
