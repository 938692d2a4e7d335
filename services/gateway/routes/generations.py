"""Generation jobs: one request with a number of melodies."""

from fastapi import APIRouter

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from services.gateway.dependencies import App, Caller, IdempotencyKey, Traceparent
from services.gateway.requests.json_body import JsonBodyRoute
from services.gateway.requests.scopes import requires
from services.gateway.submission.generation_submission import (
    SUBMISSION_ERRORS,
    build_job,
    submit_job,
)

router = APIRouter(
    tags=["generations"], route_class=JsonBodyRoute, dependencies=[requires(Scope.GENERATE)]
)


@router.post("/generations", status_code=202, responses=SUBMISSION_ERRORS)
async def submit_generation(
    original_request: GenerationRequest,
    app: App,
    key: Caller,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> GenerationJob:
    """Submit a job; subscribe to its events, or poll it."""
    new_job = build_job(
        original_request, app.settings.default_model, key, idempotency_key, traceparent
    )
    return await submit_job(app, key, new_job)
