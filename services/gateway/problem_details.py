"""Every error as RFC 9457 problem details with a stable `code`; nothing inside is told outside."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ostinato.schemas.problems import Problem
from services.gateway import validation_messages
from shared.errors import NotFound, OstinatoError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

CODES: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "route_not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
}
"""What the framework refuses by itself."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "RFC 9457 problem details; `code` is stable.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""What every route may answer, for OpenAPI."""


def problem(status: int, title: str, detail: str, code: str, **extra: Any) -> JSONResponse:  # noqa: ANN401 - problem details may carry any JSON
    """The answer for one error; `retry_after` becomes a header as well."""
    body = Problem(title=title, status=status, detail=detail, code=code, **extra)
    headers = {"Retry-After": str(extra["retry_after"])} if "retry_after" in extra else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(mode="json"), status, headers, MEDIA_TYPE)


def of(error: OstinatoError) -> JSONResponse:
    """The answer for one of our own errors."""
    code = f"{error.extra['noun']}_not_found" if isinstance(error, NotFound) else error.code
    title = (type(error).__doc__ or "").splitlines()[0]
    return problem(error.status, title, error.detail, code, **error.extra)


def install(app: FastAPI) -> None:
    """Answer every exception of `app` so."""
    app.add_exception_handler(OstinatoError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _ours(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OstinatoError)  # noqa: S101 - registered for it alone
    return of(error)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Names each field that is wrong, and what it may be."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    body = getattr(request.scope.get("route"), "body_field", None)
    model = body.field_info.annotation if body is not None else None
    errors = [
        {
            "field": ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0]),
            "message": validation_messages.message(found, model, found["loc"][1:]),
        }
        for found in error.errors()
    ]
    detail = "; ".join(f"{found['field']}: {found['message']}" for found in errors)
    title = "The request does not fit its schema."
    return problem(422, title, detail, "invalid_request", field=errors[0]["field"], errors=errors)


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    code = CODES.get(error.status_code, "bad_request")
    answer = problem(error.status_code, str(error.detail), str(error.detail), code)
    answer.headers.update(error.headers or {})
    return answer


def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    title = "We made a mistake."
    return problem(500, title, "The error is in the gateway's log.", "internal")
