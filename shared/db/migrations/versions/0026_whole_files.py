"""Primers are whole files, and melodies have tracks, bars and tempos.

Rows of earlier releases have null: such a primer is one track of its notes, and such a melody is
one track in 4/4. Workers of the previous release read the notes of the melodic track alone. Forward
only: to undo it, restore a backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATEMENTS = (
    """
    ALTER TABLE primers
        ADD midi bytea, ADD midi_sha256 bytea, ADD track smallint, ADD tracks jsonb,
        ADD time_signatures jsonb
    """,
    "CREATE INDEX primers_by_midi ON primers (owner, midi_sha256)",
    "ALTER TABLE melodies ADD score jsonb",
)


def upgrade() -> None:
    """Add columns that are null: no row is rewritten."""
    for statement in STATEMENTS:
        op.execute(statement)
