"""When versions were demoted. Forward only: to undo it, restore a backup.

The trainer of the previous release does not read it: it may request the promotion of a demoted
version again when it registers the checkpoint folders.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add a column that is null: no row is rewritten."""
    op.add_column("models", sa.Column("demoted_at", sa.DateTime(timezone=True)))
