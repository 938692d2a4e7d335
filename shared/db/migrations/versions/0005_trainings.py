"""Trainings and imports of data sets are jobs; a job can be paused. Forward only.

The transitions are repeated here, as in 0002: a revision never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Add columns, states and tables, and import the data sets that exist already."""
    _add_job_columns()
    _allow_pausing()
    _create_points()
    op.add_column("datasets", sa.Column("report", JSONB(none_as_null=True)))
    _import_datasets()


def _add_job_columns() -> None:
    op.add_column("jobs", sa.Column("kind", sa.Text(), nullable=False, server_default="generation"))
    op.add_column("jobs", sa.Column("pauses", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("version", sa.Text()))
    op.create_index(
        "jobs_version",
        "jobs",
        ["version"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('failed', 'cancelled')"),
    )


def _allow_pausing() -> None:
    op.execute("""
        CREATE OR REPLACE FUNCTION jobs_move_legally() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (OLD.state, NEW.state) NOT IN (
                ('queued', 'running'),
                ('queued', 'paused'),
                ('queued', 'cancelled'),
                ('running', 'paused'),
                ('running', 'cancelling'),
                ('running', 'succeeded'),
                ('running', 'partial'),
                ('running', 'failed'),
                ('paused', 'queued'),
                ('paused', 'running'),
                ('paused', 'cancelling'),
                ('paused', 'succeeded'),
                ('paused', 'failed'),
                ('cancelling', 'cancelled')
            ) THEN
                RAISE EXCEPTION 'job % must not move from % to %', OLD.id, OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$
    """)


def _create_points() -> None:
    op.create_table(
        "points",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("train_nats_per_token", sa.Double(), nullable=False),
        sa.Column("held_out_nats_per_note", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("points_job_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "step", name=op.f("points_pkey")),
    )


def _import_datasets() -> None:
    """Insert a job for each, with its id; trainers poll for the shards."""
    op.execute("""
        INSERT INTO jobs (id, kind, owner, state, priority, request, num_melodies, request_sha256)
        SELECT id, 'reading', owner, 'queued', 'batch',
               jsonb_build_object('name', name, 'sha256', sha256), 1, sha256('')
        FROM datasets
    """)
    op.execute("""
        INSERT INTO shards (id, job_id, queue, first, size, state)
        SELECT gen_random_uuid(), id, 'data', 0, 1, 'queued' FROM datasets
    """)
