"""Checks requests against capabilities, quotas and primers, and inserts jobs."""

import secrets
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.generations import MAX_SEED, GenerationRequest
from ostinato.schemas.jobs import GenerationJob, JobKind
from ostinato.schemas.models import Capabilities
from services.gateway.app_state import AppState
from services.gateway.problem_details import responses
from shared.broker.queues import QUEUE_BY_PRIORITY
from shared.db.generation_jobs import GenerationJobs
from shared.db.job_store import JobStore
from shared.db.model_versions import ModelVersions
from shared.db.new_job import NewJob
from shared.db.primers import Primers
from shared.errors import (
    BodyTooLarge,
    Conflict,
    IdempotencyMismatch,
    InvalidRequest,
    NotFound,
    TooManyRequests,
)

SUBMISSION_ERRORS = responses(
    *(NotFound, Conflict, BodyTooLarge, InvalidRequest, IdempotencyMismatch, TooManyRequests)
)
"""The main errors of the routes that submit a job, for OpenAPI."""
MELODIES_RETRY_AFTER = 30
"""Seconds after which a client at its melody quota should try again."""
OPTIONAL_CAPABILITIES = (
    ("regenerate", "infill", "regenerate bars of a MIDI file"),
    ("primer_id", "primer", "continue a MIDI file"),
    ("scale", "scale", "stay within a scale"),
    ("chords", "chords", "follow chords"),
)
"""Request field, the capability that it requires, and what the field asks for."""


class Quota(NamedTuple):
    """The parts of the error message for an owner with too many jobs of a kind."""

    jobs: str
    advice: str
    retry_after: int
    """The approximate duration of one job, in seconds."""


QUOTAS = {
    JobKind.TRAINING: Quota("trainings", "cancel one, or wait", 600),
    JobKind.EVALUATION: Quota("evaluations", "cancel one, or wait", 60),
    JobKind.DATASET_IMPORT: Quota("data set imports", "cancel one, or wait", 30),
    JobKind.ENGRAVING: Quota("engravings", "cancel one, or wait", 5),
}


def build_job(
    original_request: GenerationRequest,
    default_model: str,
    owner: str,
    idempotency_key: str | None,
    traceparent: str | None,
    batch_sha256: bytes = b"",
) -> NewJob[GenerationRequest]:
    """The job of a request, with the version, seed and priority that the client omitted."""
    seed = original_request.seed
    if seed is None:
        seed = secrets.randbelow(MAX_SEED - original_request.count)
    priority = original_request.resolved_priority
    return NewJob(
        owner=owner,
        original_request=original_request,
        request=original_request.model_copy(
            update={
                "model": original_request.model or default_model,
                "seed": seed,
                "priority": priority,
            }
        ),
        queue=QUEUE_BY_PRIORITY[priority],
        idempotency_key=idempotency_key,
        traceparent=traceparent,
        batch_sha256=batch_sha256,
    )


async def submit_generations(
    app: AppState, new_jobs: Sequence[NewJob[GenerationRequest]]
) -> list[GenerationJob]:
    """Check and insert all jobs in one transaction; publishing happens after the response.

    A job that an idempotency key identifies as already submitted is returned unchecked.
    """
    async with app.database.transaction() as connection:
        repository = GenerationJobs(connection)
        existing = [await repository.find_by_idempotency_key(new_job) for new_job in new_jobs]
        pairs = list(zip(new_jobs, existing, strict=True))
        unsubmitted = [new_job for new_job, job in pairs if job is None]
        await _check(connection, unsubmitted, app.settings.max_pending_melodies)
        jobs = [job or await repository.create(new_job) for new_job, job in pairs]
    for job in jobs:
        app.publisher.schedule(job.id)
    return jobs


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


async def _check(
    connection: AsyncConnection, new_jobs: Sequence[NewJob[GenerationRequest]], limit: int
) -> None:
    if not new_jobs:
        return
    await _check_melody_quota(connection, new_jobs, limit)
    capabilities = await ModelVersions(connection).capabilities()
    for new_job in new_jobs:
        if new_job.original_request.model is None:
            _check_default_model(new_job.request.resolved_model, capabilities)
        _check_model(new_job.request, capabilities)
        await _check_primer(connection, new_job)


async def _check_melody_quota(
    connection: AsyncConnection, new_jobs: Sequence[NewJob[GenerationRequest]], limit: int
) -> None:
    pending = await GenerationJobs(connection).count_pending_melodies(new_jobs[0].owner)
    requested = sum(new_job.request.count for new_job in new_jobs)
    if pending + requested > limit:
        raise TooManyRequests(
            f"You have {pending:,} unfinished melodies and request {requested:,} more; at most "
            f"{limit:,} are allowed.",
            retry_after=MELODIES_RETRY_AFTER,
        )


def _check_default_model(name: str, versions: Mapping[str, Capabilities | None]) -> None:
    """Check the version that the settings of the gateway select, which the client did not name."""
    if versions.get(name) is None:
        promoted = sorted(version for version, found in versions.items() if found is not None)
        raise Conflict(
            f"model: the default version {name} is not promoted; name a version, or set "
            "OSTINATO_DEFAULT_MODEL for the gateway.",
            field="model",
            models=promoted,
        )


def _check_model(request: GenerationRequest, versions: Mapping[str, Capabilities | None]) -> None:
    model = request.resolved_model
    promoted = {name: found for name, found in versions.items() if found is not None}
    capabilities = promoted.get(model)
    if capabilities is None and model in versions:
        raise Conflict(
            f"model: {model} is not promoted: POST /v1/models/{model}/promote.", field="model"
        )
    if capabilities is None:
        raise NotFound("model", model, models=sorted(promoted))
    if request.bars_to_generate > capabilities.max_bars:
        raise InvalidRequest(
            f"bars: {model} generates 1 to {capabilities.max_bars} bars.",
            field="bars",
            minimum=1,
            maximum=capabilities.max_bars,
        )
    for field, capability, action in OPTIONAL_CAPABILITIES:
        if getattr(request, field) is not None and not getattr(capabilities, capability):
            capable = sorted(name for name, found in promoted.items() if getattr(found, capability))
            others = f"these can: {', '.join(capable)}" if capable else "no promoted model can"
            raise InvalidRequest(
                f"{field}: {model} cannot {action}; {others}.",
                field=field,
                models=capable,
            )


async def _check_primer(connection: AsyncConnection, new_job: NewJob[GenerationRequest]) -> None:
    primer_id, regenerate = new_job.request.primer_id, new_job.request.regenerate
    if primer_id is None:
        return
    bars = await Primers(connection).num_bars(primer_id, new_job.owner)
    if bars is None:
        raise NotFound("primer", primer_id)
    if regenerate is not None and regenerate[-1] >= bars:
        raise InvalidRequest(
            f"regenerate: the primer has {bars} bars, numbered from 0.",
            field="regenerate",
            maximum=bars - 1,
        )
