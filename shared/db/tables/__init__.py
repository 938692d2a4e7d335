"""The database tables; only the repositories of `shared.db` query them.

Lock order in every transaction: jobs, their shards, the counters of their owners.
"""

from shared.db.tables import (
    job_tables,
    key_tables,
    melody_tables,
    model_tables,
    process_tables,
    queue_tables,
    retention_tables,
    trainer_tables,
    webhook_tables,
)
from shared.db.tables.columns import metadata

__all__ = [
    "job_tables",
    "key_tables",
    "melody_tables",
    "metadata",
    "model_tables",
    "process_tables",
    "queue_tables",
    "retention_tables",
    "trainer_tables",
    "webhook_tables",
]
