"""Release 0.2.0: standard names for columns and in stored JSON.

Forward only: to undo it, restore a backup.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.card_migration import (
    card_from_0_1_0,
    dataset_report_from_0_1_0,
    sample_evaluation_from_0_1_0,
    training_request_from_0_1_0,
)

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = (
    ("jobs", "num_melodies", "num_items"),
    ("jobs", "pauses", "pause_count"),
    ("shards", "first", "first_index"),
    ("shards", "lease_until", "lease_expires_at"),
    ("workers", "resident", "loaded_models"),
    ("workers", "refused", "load_errors"),
    ("workers", "engine", "engine_stats"),
    ("datasets", "files", "num_files"),
    ("datasets", "size", "num_bytes"),
    ("melodies", "lowest", "lowest_pitch"),
    ("melodies", "highest", "highest_pitch"),
    ("melodies", "seconds", "generation_seconds"),
    ("training_metrics", "sample", "preview_notes"),
)
ERROR_CODES = {
    "base_does_not_fit": "base_model_mismatch",
    "broken_checkpoint": "corrupt_checkpoint",
    "nothing_to_begin_from": "parent_run_missing",
    "nothing_to_judge": "nothing_to_evaluate",
    "nothing_to_learn": "no_usable_pieces",
    "other_recipe": "recipe_mismatch",
    "too_few_rows": "batch_too_small",
    "too_much_music": "dataset_too_large",
    "unknown_music": "unknown_training_data",
    "unplayable": "invalid_primer",
}
OVERRIDES = ("minutes", "steps", "learning_rate", "batch", "patience", "seed")
"""The fields of a training request's overrides in release 0.1.0, in their order."""

jobs = sa.table(
    "jobs",
    sa.column("id", sa.Uuid),
    sa.column("kind", sa.Text),
    sa.column("request", JSONB),
    sa.column("request_sha256", sa.LargeBinary),
)
models = sa.table(
    "models",
    sa.column("version", sa.Text),
    sa.column("sha256", sa.Text),
    sa.column("card", JSONB),
)
datasets = sa.table("datasets", sa.column("id", sa.Uuid), sa.column("report", JSONB))
evaluations = sa.table("evaluations", sa.column("job_id", sa.Uuid), sa.column("samples", JSONB))


def upgrade() -> None:
    """Rename columns first, then rewrite the rows."""
    _rename_schema()
    _rename_values()
    _rewrite_outbox()
    _rewrite_trainings()
    _rewrite(models, "card", ("version", "sha256"), card_from_0_1_0)
    _rewrite(datasets, "report", ("id",), dataset_report_from_0_1_0)
    _rewrite(evaluations, "samples", ("job_id",), sample_evaluation_from_0_1_0)


def _rename_schema() -> None:
    op.rename_table("points", "training_metrics")
    for table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    op.drop_column("melodies", "tokens")
    for table, old, new in (
        ("training_metrics", "points_pkey", "training_metrics_pkey"),
        ("training_metrics", "points_job_id_fkey", "training_metrics_job_id_fkey"),
        ("shards", "shards_job_id_first_key", "shards_job_id_first_index_key"),
    ):
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
    op.execute("ALTER INDEX shards_waiting RENAME TO shards_queued")
    op.execute("ALTER TRIGGER jobs_move_legally ON jobs RENAME TO jobs_check_transition")
    op.execute("ALTER FUNCTION jobs_move_legally() RENAME TO jobs_check_transition")


def _rename_values() -> None:
    op.execute("UPDATE jobs SET kind = 'dataset_import' WHERE kind = 'reading'")
    op.execute("UPDATE shards SET queue = 'datasets' WHERE queue = 'data'")
    codes = ", ".join(f"('{old}', '{new}')" for old, new in ERROR_CODES.items())
    op.execute(
        "UPDATE jobs SET error = jsonb_set(error, '{code}', to_jsonb(new_code)) "  # noqa: S608 - constants
        f"FROM (VALUES {codes}) AS codes (old_code, new_code) WHERE error->>'code' = old_code"
    )


def _rewrite_outbox() -> None:
    """Messages that the services of 0.1.0 left unpublished are published by those of 0.2.0."""
    op.execute("""
        UPDATE outbox SET kind = 'notification', payload = jsonb_build_object(
            'queue', CASE payload->>'queue' WHEN 'data' THEN 'datasets' ELSE payload->>'queue' END,
            'notification', payload->'hint'
        ) WHERE kind = 'hint'
    """)
    op.execute("UPDATE outbox SET kind = 'metrics' WHERE kind = 'point'")
    for kind, old, new in (
        ("metrics", "sample", "preview_notes"),
        ("job", "pauses", "pause_count"),
        ("melody", "lowest", "lowest_pitch"),
        ("melody", "highest", "highest_pitch"),
    ):
        op.execute(
            f"UPDATE outbox SET payload = payload - '{old}' "  # noqa: S608 - constants
            f"|| jsonb_build_object('{new}', payload->'{old}') "
            f"WHERE kind = '{kind}' AND payload ? '{old}'"
        )


def _rewrite_trainings() -> None:
    """Rewrite requests of trainings with their hashes: a client may repeat an idempotency key."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(jobs.c.id, jobs.c.request, jobs.c.request_sha256).where(jobs.c.kind == "training")
    )
    for row in rows.all():
        request = training_request_from_0_1_0(row.request)
        values: dict[str, Any] = {"request": request}
        if row.request_sha256 == _request_sha256(row.request, OVERRIDES):
            names = tuple("batch_size" if name == "batch" else name for name in OVERRIDES)
            values["request_sha256"] = _request_sha256(request, names)
        connection.execute(sa.update(jobs).where(jobs.c.id == row.id).values(values))


def _request_sha256(request: dict[str, Any], overrides: Sequence[str]) -> bytes:
    """SHA-256 of the JSON of a training request, with the fields in their declared order."""
    body = {name: request.get(name) for name in ("recipe", "version", "dataset", "base")}
    given = request.get("overrides", {})
    body["overrides"] = {name: given.get(name) for name in overrides}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _rewrite(
    table: sa.TableClause,
    column: str,
    key: Sequence[str],
    convert: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    """Convert the JSON in a column of every row; `key` names the columns of the primary key."""
    connection = op.get_bind()
    columns = [table.c[name] for name in (*key, column)]
    rows = connection.execute(sa.select(*columns).where(table.c[column].is_not(None)))
    for *values, record in rows.all():
        is_row = [table.c[name] == value for name, value in zip(key, values, strict=True)]
        connection.execute(sa.update(table).where(*is_row).values({column: convert(record)}))
