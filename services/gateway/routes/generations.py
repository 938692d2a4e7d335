"""Generation jobs: one as JSON, or up to thousands as JSON lines."""

import hashlib

from fastapi import APIRouter, Request
from pydantic import ValidationError

from ostinato.schemas.generations import MAX_MELODIES, GenerationRequest
from ostinato.schemas.jobs import GenerationJob
from ostinato.schemas.pages import Page
from services.gateway import validation_messages
from services.gateway.dependencies import App, IdempotencyKey, Owner, Traceparent
from services.gateway.requests.json_body import JsonBodyRoute
from services.gateway.submission import SUBMISSION_ERRORS, build_job, submit_generations
from shared.errors import InvalidRequest

router = APIRouter(tags=["generations"], route_class=JsonBodyRoute)

KEY_SEPARATOR = "\n"
"""Separates the idempotency key of a batch from the line number; HTTP headers cannot contain it."""


@router.post("/generations", status_code=202, responses=SUBMISSION_ERRORS)
async def submit_generation(
    original_request: GenerationRequest,
    app: App,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> GenerationJob:
    """Submit a job; subscribe to its events, or poll it."""
    new_job = build_job(
        original_request, app.settings.default_model, owner, idempotency_key, traceparent
    )
    return (await submit_generations(app, [new_job]))[0]


@router.post(
    "/generations/batch",
    status_code=202,
    responses=SUBMISSION_ERRORS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/x-ndjson": {
                    "schema": {"type": "string", "description": "One GenerationRequest a line."}
                }
            },
        }
    },
)
async def submit_generation_batch(
    request: Request,
    app: App,
    owner: Owner,
    idempotency_key: IdempotencyKey = None,
    traceparent: Traceparent = None,
) -> Page[GenerationJob]:
    """Submit one job for each line: all of them, or none if a line is invalid."""
    body = await request.body()
    lines = [
        (number, line) for number, line in enumerate(body.splitlines(), start=1) if line.strip()
    ]
    if not 1 <= len(lines) <= MAX_MELODIES:
        raise InvalidRequest(f"Send 1 to {MAX_MELODIES:,} lines.", field="body")
    sha256 = hashlib.sha256(body).digest()
    new_jobs = [
        build_job(
            _parse(line_number, line),
            app.settings.default_model,
            owner,
            idempotency_key and f"{idempotency_key}{KEY_SEPARATOR}{position}",
            traceparent,
            sha256,
        )
        for position, (line_number, line) in enumerate(lines, start=1)
    ]
    return Page(items=await submit_generations(app, new_jobs))


def _parse(line_number: int, line: bytes) -> GenerationRequest:
    try:
        return GenerationRequest.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = validation_messages.describe(first, GenerationRequest, first["loc"])
        raise InvalidRequest(
            f"Line {line_number}: {field}: {message}", field=field or "body", line=line_number
        ) from error
