"""Records of deleted jobs and versions. Forward only.

Deleting a job removes its row at once; its melodies, shards and errors may be many and are deleted
later, so no foreign key deletes them together with the job.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0019"
down_revision: str | None = "0018a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STATEMENTS = (
    """
    CREATE TABLE deleted_jobs (
        job_id uuid PRIMARY KEY, kind text NOT NULL, is_purged boolean NOT NULL DEFAULT false,
        deleted_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX deleted_jobs_to_purge ON deleted_jobs (deleted_at) WHERE NOT is_purged",
    "CREATE INDEX deleted_jobs_purged ON deleted_jobs (deleted_at) WHERE is_purged",
    "CREATE TABLE deleted_melodies (job_id uuid, index integer, PRIMARY KEY (job_id, index))",
    "CREATE TABLE deleted_models (version text, sha256 text, PRIMARY KEY (version, sha256))",
    "ALTER TABLE models ADD num_bytes bigint",
    "CREATE INDEX jobs_finished ON jobs (kind, finished_at, id) WHERE finished_at IS NOT NULL",
    "CREATE INDEX datasets_by_name ON datasets (name)",
    "CREATE INDEX primers_created ON primers (created_at, id)",
    "CREATE INDEX melodies_pinned ON melodies (job_id) WHERE favourite",
    "ALTER TABLE melodies DROP CONSTRAINT melodies_job_id_fkey",
    "ALTER TABLE shards DROP CONSTRAINT shards_job_id_fkey",
    "ALTER TABLE item_errors DROP CONSTRAINT item_errors_job_id_fkey",
    "ALTER TABLE training_metrics DROP CONSTRAINT training_metrics_job_id_fkey",
)


def upgrade() -> None:
    """Create tables and indexes, and drop the foreign keys of the tables with many rows a job."""
    for statement in STATEMENTS:
        op.execute(statement)
