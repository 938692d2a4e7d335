"""Checks requests against capabilities, quotas and primers, and inserts jobs."""

import secrets
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import MAX_SEED, GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobKind
from services.gateway.app_state import AppState
from services.gateway.problem_details import responses
from services.gateway.submission.capability_checks import (
    check_capabilities,
    check_primer,
    check_primer_bytes,
    with_sampling_defaults,
)
from services.gateway.submission.webhook_checks import check_job_webhook
from shared.broker.queues import QUEUE_BY_PRIORITY
from shared.db.api_keys import ValidKey
from shared.db.generation_jobs import GenerationJobs, new_generation_job, read_generation_job
from shared.db.job_queue.job_store import JobStore
from shared.db.job_queue.submissions import Submission
from shared.db.new_job import NewJob
from shared.db.primers import Primers
from shared.errors import (
    BodyTooLarge,
    Conflict,
    IdempotencyMismatch,
    InvalidRequest,
    NotFound,
    TooManyRequests,
    UserError,
)

SUBMISSION_ERRORS = responses(
    *(NotFound, Conflict, BodyTooLarge, InvalidRequest, IdempotencyMismatch, TooManyRequests)
)
"""The main errors of the routes that submit a job, for OpenAPI."""
MELODIES_RETRY_AFTER = 30
"""Seconds after which a client at its melody quota should try again."""


class JobQuota(NamedTuple):
    """The parts of the error message for an owner with too many jobs of a kind."""

    jobs: str
    advice: str
    retry_after: int
    """The approximate duration of one job, in seconds."""


QUOTAS = {
    JobKind.TRAINING: JobQuota("trainings", "cancel one, or wait", 600),
    JobKind.EVALUATION: JobQuota("evaluations", "cancel one, or wait", 60),
    JobKind.DATASET_IMPORT: JobQuota("data set imports", "cancel one, or wait", 30),
    JobKind.ENGRAVING: JobQuota("engravings", "cancel one, or wait", 5),
}


def build_job(
    original_request: GenerationRequest,
    default_model: str,
    key: ValidKey,
    idempotency_key: str | None,
    traceparent: str | None,
) -> NewJob[GenerationRequest]:
    """The job of a request, with the version, seed and priority that the client omitted."""
    seed = original_request.seed
    if seed is None:
        seed = secrets.randbelow(MAX_SEED - original_request.count)
    priority = original_request.resolved_priority
    return NewJob(
        owner=key.owner,
        key_id=key.first_id,
        original_request=original_request,
        request=original_request.model_copy(
            update={
                "model": original_request.model or default_model,
                "seed": seed,
                "priority": priority,
                "tempo": original_request.resolved_tempo,
                "webhook": None,
            }
        ),
        webhook=original_request.webhook,
        queue=QUEUE_BY_PRIORITY[priority],
        idempotency_key=idempotency_key,
        traceparent=traceparent,
    )


async def submit_job(
    app: AppState, key: ValidKey, new_job: NewJob[GenerationRequest]
) -> GenerationJob:
    """Check and insert a job in one round trip; publishing happens after the response.

    A job that an idempotency key identifies as already submitted is returned unchecked.
    """
    try:
        new_job = await _check_model(app, key, new_job)
        await check_primer_of(app, key, new_job.request, new_job.num_items)
        await check_job_webhook(app, new_job.owner, new_job.webhook)
        job = await _insert(app, new_job)
    except UserError:
        if existing := await _find_existing(app, new_job):
            return existing
        raise
    app.publisher.schedule(job.id)
    return job


async def _insert(app: AppState, new_job: NewJob[GenerationRequest]) -> GenerationJob:
    submission = await app.submissions.submit(new_job)
    check_within_quota(submission, new_job, app.settings.max_pending_melodies)
    if submission.created_at is not None:
        return new_generation_job(new_job, submission.created_at)
    async with app.database.driver_connection() as connection:
        return await read_generation_job(connection, submission.job_id, new_job.owner)


def check_within_quota(submission: Submission, new_job: NewJob[Any], limit: int) -> None:
    """Check that the job was not left out because its owner has too many unfinished melodies.

    Raises:
        TooManyRequests: the owner would have more than `limit` of them.
    """
    if submission.exceeds_quota:
        raise TooManyRequests(
            f"You have {submission.pending_items:,} unfinished melodies and request "
            f"{new_job.num_items:,} more; at most {limit:,} are allowed.",
            retry_after=MELODIES_RETRY_AFTER,
        )


async def _find_existing(app: AppState, new_job: NewJob[GenerationRequest]) -> GenerationJob | None:
    """The job that was submitted with the idempotency key, though it would be rejected now."""
    if new_job.idempotency_key is None:
        return None
    async with app.database.connection() as connection:
        return await GenerationJobs(connection).find_by_idempotency_key(new_job)


async def check_quota(connection: AsyncConnection, owner: str, kind: JobKind, limit: int) -> None:
    """Check that the owner may submit one more job of a kind other than generation.

    Raises:
        TooManyRequests: the owner has `limit` unfinished jobs of this kind.
    """
    if await JobStore(connection).count_pending(owner, kind) >= limit:
        quota = QUOTAS[kind]
        raise TooManyRequests(
            f"You have {limit} unfinished {quota.jobs}, the most that is allowed; {quota.advice}.",
            retry_after=quota.retry_after,
        )


async def _check_model(
    app: AppState, key: ValidKey, new_job: NewJob[GenerationRequest]
) -> NewJob[GenerationRequest]:
    """The job with the version's sampling defaults, after a check of what the version can do."""
    is_default = new_job.original_request.model is None
    request = await check_version(app, key, new_job.request, is_default_model=is_default)
    return replace(new_job, request=request)


async def check_version(
    app: AppState, key: ValidKey, request: GenerationRequest, *, is_default_model: bool
) -> GenerationRequest:
    """Check the model with cached capabilities; before a rejection, with current ones.

    Returns the request with the sampling defaults of the version: a later change of them does not
    change the job.

    Raises:
        Conflict: the version is not promoted.
        NotFound: there is no such version.
        InvalidRequest: the version cannot do this.
    """
    versions = (await app.capabilities.get()).visible_to(key)
    try:
        check_capabilities(request, versions, is_default_model=is_default_model)
    except UserError:
        versions = (await app.capabilities.refresh()).visible_to(key)
        check_capabilities(request, versions, is_default_model=is_default_model)
    return with_sampling_defaults(request, versions)


async def check_primer_of(
    app: AppState, key: ValidKey, request: GenerationRequest, count: int
) -> None:
    """Check the primer of a request for `count` melodies, if it names one.

    Raises:
        NotFound: the owner has no such primer.
        InvalidRequest: the primer does not have the bars or the track, or the files would be large.
    """
    if request.primer_id is None:
        return
    async with app.database.connection() as connection:
        found = await Primers(connection).facts({request.primer_id}, key.owner)
    versions = (await app.capabilities.get()).visible_to(key)
    primer = check_primer(request, found.get(request.primer_id), versions)
    check_primer_bytes(count * primer.num_bytes if request.include_primer else 0)
