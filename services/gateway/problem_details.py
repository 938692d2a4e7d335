"""Turns every exception into RFC 9457 problem details with a stable `code`.

Internal errors are logged; their details are not sent to the client.
"""

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
"""Codes of the errors that the framework raises."""

RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "RFC 9457 problem details; `code` is stable.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""The error response of every route, for OpenAPI."""


def problem(status: int, title: str, detail: str, code: str, **extra: Any) -> JSONResponse:  # noqa: ANN401 - problem details may contain any JSON
    """A problem details response; `retry_after` also becomes a header."""
    body = Problem(title=title, status=status, detail=detail, code=code, **extra)
    headers = {"Retry-After": str(extra["retry_after"])} if "retry_after" in extra else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(mode="json"), status, headers, MEDIA_TYPE)


def to_response(error: OstinatoError) -> JSONResponse:
    """The response for an error; its title is the first line of the docstring of its class."""
    code = f"{error.extra['noun']}_not_found" if isinstance(error, NotFound) else error.code
    title = (type(error).__doc__ or "").splitlines()[0]
    return problem(error.status, title, error.detail, code, **error.extra)


def register_handlers(app: FastAPI) -> None:
    """Handle every exception of the application."""
    app.add_exception_handler(OstinatoError, _handle_app_error)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(HTTPException, _handle_http_error)
    app.add_exception_handler(Exception, _handle_unexpected_error)


def _handle_app_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OstinatoError)  # noqa: S101 - registered for this class
    return to_response(error)


def _handle_validation_error(request: Request, error: Exception) -> JSONResponse:
    """List every invalid field with its valid values."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    body = getattr(request.scope.get("route"), "body_field", None)
    model = body.field_info.annotation if body is not None else None
    errors = [
        {
            "field": ".".join(str(part) for part in details["loc"][1:]) or str(details["loc"][0]),
            "message": validation_messages.describe(details, model, details["loc"][1:]),
        }
        for details in error.errors()
    ]
    detail = "; ".join(f"{entry['field']}: {entry['message']}" for entry in errors)
    title = "The request does not match its schema."
    return problem(422, title, detail, "invalid_request", field=errors[0]["field"], errors=errors)


def _handle_http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    code = CODES.get(error.status_code, "bad_request")
    response = problem(error.status_code, str(error.detail), str(error.detail), code)
    response.headers.update(error.headers or {})
    return response


def _handle_unexpected_error(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    title = "Internal server error"
    return problem(500, title, "The gateway's log has the error.", "internal")
