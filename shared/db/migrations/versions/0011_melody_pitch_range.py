"""The lowest and the highest pitch of each melody. Forward only."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FILL_IN = """
UPDATE melodies SET (lowest, highest) = (
    SELECT min((note ->> 2)::int), max((note ->> 2)::int) FROM jsonb_array_elements(notes) AS note
)
"""


def upgrade() -> None:
    """Add the columns, and fill them in for existing melodies."""
    op.add_column("melodies", sa.Column("lowest", sa.Integer()))
    op.add_column("melodies", sa.Column("highest", sa.Integer()))
    op.execute(FILL_IN)
