"""Scopes and expiry of API keys; owners of model versions. Forward only.

Keys that exist, and those that processes of the previous release create meanwhile, have all scopes.
Versions that exist stay visible to every owner. An evaluation that exists still updates the card of
its version.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ALL_SCOPES = sa.text("'{generate,train,admin}'")


def upgrade() -> None:
    """Add columns that are null or have a constant default: no row is rewritten."""
    for column in (
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False, server_default=ALL_SCOPES),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("api_keys", column)
    op.create_index("api_keys_by_owner", "api_keys", ["owner", "id"])
    op.create_index("api_keys_by_prefix", "api_keys", ["prefix"])
    op.add_column("models", sa.Column("owner", sa.Text()))
    op.add_column(
        "evaluations",
        sa.Column("by_admin", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
