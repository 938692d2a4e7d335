"""Model versions have sampling defaults.

They are beside the card, whose fields processes of the previous release know. Forward only: to undo
it, restore a backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add a column that is null until a trainer registers the version again."""
    op.execute("ALTER TABLE models ADD sampling jsonb")
