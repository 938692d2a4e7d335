"""The hashes of the notes of existing primers. Forward only."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import Connection, text

revision: str = "0018a"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PRIMERS_AT_ONCE = 200
"""Each has up to 20,000 notes."""

NEXT_PRIMERS = text("""
    UPDATE primers SET notes_sha256 = sha256(convert_to(notes::text, 'UTF8'))
    WHERE id IN (SELECT id FROM primers WHERE notes_sha256 IS NULL ORDER BY id LIMIT :limit)
""")


def backfill(connection: Connection) -> int:
    """Hash the notes of further primers; returns how many."""
    return connection.execute(NEXT_PRIMERS, {"limit": PRIMERS_AT_ONCE}).rowcount


def upgrade() -> None:
    """Drop the index of the primers without a hash, of which there are none."""
    op.execute("DROP INDEX primers_backfill")
