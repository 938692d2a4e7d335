"""A job moves only as `ostinato.schemas.jobs.LEGAL_MOVES` says, whoever writes its row.

The pairs stand here again on purpose: a revision never changes, and a test compares it with today's
moves. Forward only: what must be taken back is restored from a backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply."""
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
