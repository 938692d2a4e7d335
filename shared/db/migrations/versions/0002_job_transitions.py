"""A trigger rejects every job transition that `TRANSITIONS` does not list.

The transitions are repeated here, because a revision never changes; a test compares the newest
trigger with `TRANSITIONS`. Forward only: to undo it, restore a backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply the revision."""
    op.execute("""
        CREATE FUNCTION jobs_move_legally() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.state, NEW.state) NOT IN (
                ('queued', 'running'),
                ('queued', 'cancelled'),
                ('running', 'cancelling'),
                ('running', 'succeeded'),
                ('running', 'partial'),
                ('running', 'failed'),
                ('cancelling', 'cancelled')
            ) THEN
                RAISE EXCEPTION 'job % must not move from % to %', OLD.id, OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER jobs_move_legally BEFORE UPDATE OF state ON jobs
        FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
        EXECUTE FUNCTION jobs_move_legally()
    """)
