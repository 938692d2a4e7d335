"""How jobs end, the leases of their shards, the hash of a primer's notes.

Forward only: to undo it, restore a backup. A passed deadline is a mark beside the state
`cancelled`, because processes of the previous release cannot read a state that they do not know.
Triggers record leases and hashes, so that those processes record them, too.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATEMENTS = (
    # Jobs
    "ALTER TABLE jobs ADD is_expired boolean NOT NULL DEFAULT false,"
    " ADD cancel_requested_at timestamptz",
    "CREATE INDEX jobs_expired ON jobs (owner, kind, id) WHERE is_expired",
    "CREATE INDEX jobs_cancelled ON jobs (owner, kind, id)"
    " WHERE state = 'cancelled' AND NOT is_expired",
    # Melodies
    "ALTER TABLE melodies ADD partial boolean NOT NULL DEFAULT false, ADD attempt integer",
    # Leases
    "ALTER TABLE shards ADD leases jsonb",
    """
    CREATE FUNCTION shards_record_lease() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        max_leases CONSTANT integer := 20;
        last CONSTANT integer := jsonb_array_length(OLD.leases) - 1;
        moment CONSTANT text := to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    BEGIN
        IF OLD.state = 'running' AND last >= 0 THEN
            NEW.leases := jsonb_set(OLD.leases, ARRAY[last::text], OLD.leases -> last
                || jsonb_build_object(
                    'ended_at', moment,
                    'worker', coalesce(
                        OLD.leases -> last ->> 'worker',
                        (SELECT name FROM workers WHERE id = OLD.worker_id)
                    ),
                    'ending', CASE
                        WHEN NEW.state = 'succeeded' THEN 'finished'
                        WHEN OLD.lease_expires_at < now() OR NEW.state = 'running'
                            THEN 'lease_expired'
                        WHEN NEW.state = 'cancelled' THEN 'cancelled'
                        WHEN NEW.state = 'failed' THEN 'failed'
                        WHEN NEW.crashes > OLD.crashes THEN 'crashed'
                        ELSE 'released' END
                ));
        END IF;
        IF NEW.state = 'running' THEN
            NEW.leases := coalesce(NEW.leases, '[]') || jsonb_build_object(
                'attempt', NEW.attempt,
                'worker_id', NEW.worker_id,
                'worker', (SELECT name FROM workers WHERE id = NEW.worker_id),
                'claimed_at', moment
            );
            IF jsonb_array_length(NEW.leases) > max_leases THEN
                NEW.leases := NEW.leases - 0;
            END IF;
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER shards_record_lease BEFORE UPDATE OF state, attempt ON shards
    FOR EACH ROW WHEN (
        OLD.attempt IS DISTINCT FROM NEW.attempt
        OR (OLD.state = 'running' AND NEW.state <> 'running')
    )
    EXECUTE FUNCTION shards_record_lease()
    """,
    # Primers
    "ALTER TABLE primers ADD notes_sha256 bytea",
    "CREATE INDEX primers_by_notes ON primers (owner, notes_sha256)",
    "CREATE INDEX primers_backfill ON primers (id) WHERE notes_sha256 IS NULL",
    """
    CREATE FUNCTION primers_hash_notes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.notes_sha256 := sha256(convert_to(NEW.notes::text, 'UTF8'));
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER primers_hash_notes BEFORE INSERT ON primers
    FOR EACH ROW WHEN (NEW.notes_sha256 IS NULL)
    EXECUTE FUNCTION primers_hash_notes()
    """,
)


def upgrade() -> None:
    """Add columns, indexes and triggers; 0018a hashes the notes of existing primers."""
    for statement in STATEMENTS:
        op.execute(statement)
