"""The webhooks in requests of jobs.

A trigger turns them into deliveries when their jobs end.
"""

from uuid import UUID

from sqlalchemy import text

from ostinato.schemas.account.webhooks import JobWebhook
from shared.db.driver import Connection, Statement, fetch

_ADD = Statement(
    text("""
    INSERT INTO job_webhooks (job_id, url, events)
    VALUES (CAST(:job_id AS uuid), CAST(:url AS text), CAST(:events AS text[])) RETURNING job_id
""")
)


async def add_job_webhook(connection: Connection, job_id: UUID, webhook: JobWebhook) -> None:
    """Insert the webhook of a job that the same transaction has inserted."""
    await fetch(connection, _ADD, {"job_id": job_id, **webhook.model_dump(mode="json")})
