"""Why the trainer cannot read the music of a version. Forward only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add the column; the trainer fills it in when it starts."""
    op.add_column("models", sa.Column("data_error", sa.Text()))
