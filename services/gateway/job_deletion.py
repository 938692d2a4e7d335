"""Deletes jobs for the routes of all kinds of jobs."""

from contextlib import suppress
from uuid import UUID

from ostinato.schemas.jobs import JobKind
from services.gateway.app_state import AppState
from services.gateway.problem_details import responses
from shared.db.retention.job_deletion import delete_job
from shared.errors import Conflict, InvalidRequest, NotFound, Unavailable

DELETION_ERRORS = responses(NotFound, Conflict, InvalidRequest)
"""The main errors of the routes that delete a job, for OpenAPI."""


async def delete_owned_job(app: AppState, job_id: UUID, owner: str, kind: JobKind) -> None:
    """Delete one of the owner's jobs; the dispatcher deletes what is left of it.

    Raises:
        NotFound: the owner has no such job.
        Conflict: it has not ended.
    """
    async with app.database.transaction() as connection:
        await delete_job(connection, job_id, owner, kind)
    with suppress(Unavailable):  # the dispatcher repeats it
        await app.streams.delete([job_id])
