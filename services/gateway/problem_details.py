"""Turns every exception into RFC 9457 problem details with a stable `code`.

Internal errors are logged; their details are not sent to the client.
"""

import errno
import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.routing import Match, Mount

from ostinato.schemas.problems import Problem
from services.gateway import validation_messages
from shared.errors import DiskFull, NotFound, OstinatoError, code_of
from shared.logs import trace_field, valid_traceparent

log = logging.getLogger(__name__)

FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})
MEDIA_TYPE = "application/problem+json"

CODES: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "route_not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
}
"""Codes of the errors that the framework raises."""
METHODS = ("DELETE", "GET", "HEAD", "POST", "PUT")

Responses = dict[int | str, dict[str, Any]]
"""The `responses` of a route, for OpenAPI."""


def _response(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


RESPONSES: Responses = {
    400: _response("The request is not HTTP, or its query or body is not encoded as declared."),
    500: _response("An error of the gateway; its log has the cause under the given code."),
}
"""What any route may answer, besides the errors of its own."""


def content(media_type: str) -> Responses:
    """The media type of a route's result that is not JSON."""
    return {200: {"content": {media_type: {"schema": {"type": "string"}}}}}


def responses(*errors: type[OstinatoError]) -> Responses:
    """The main errors of a route, by status: their codes, and what each means."""
    lines: dict[int | str, list[str]] = {}
    for error in errors:
        lines.setdefault(error.status, []).append(f"`{_code_of(error)}`: {_title_of(error)}")
    return {status: _response("\n\n".join(texts)) for status, texts in lines.items()}


def problem(status: int, title: str, detail: str, code: str, **extra: Any) -> JSONResponse:  # noqa: ANN401 - problem details may contain any JSON
    """A problem details response; `retry_after` and `required_scopes` also become headers."""
    body = Problem(title=title, status=status, detail=detail, code=code, **extra)
    headers = {"Retry-After": str(extra["retry_after"])} if "retry_after" in extra else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if "required_scopes" in extra:  # RFC 6750, section 3.1
        scopes = " ".join(extra["required_scopes"])
        headers["WWW-Authenticate"] = f'Bearer error="{code}", scope="{scopes}"'
    return JSONResponse(body.model_dump(mode="json"), status, headers, MEDIA_TYPE)


def to_response(error: OstinatoError) -> JSONResponse:
    """The response for an error; its title is the first line of the docstring of its class."""
    return problem(
        error.status, _title_of(type(error)), error.detail, code_of(error), **error.extra
    )


def _title_of(error: type[OstinatoError]) -> str:
    return (error.__doc__ or "").splitlines()[0]


def _code_of(error: type[OstinatoError]) -> str:
    return "<noun>_not_found" if error is NotFound else error.code


def register_handlers(app: FastAPI) -> None:
    """Handle every exception of the application."""
    app.add_exception_handler(OstinatoError, _handle_app_error)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(WebSocketRequestValidationError, _handle_websocket_error)
    app.add_exception_handler(HTTPException, _handle_http_error)
    app.add_exception_handler(ClientDisconnect, _handle_disconnect)
    app.add_exception_handler(OSError, _handle_os_error)
    app.add_exception_handler(Exception, _handle_unexpected_error)


async def _handle_app_error(_: HTTPConnection, error: Exception) -> JSONResponse:
    """Respond to a request, or to the handshake of a WebSocket."""
    assert isinstance(error, OstinatoError)  # noqa: S101 - registered for this class
    return to_response(error)


async def _handle_validation_error(request: Request, error: Exception) -> JSONResponse:
    """List the invalid fields with their valid values."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    body = getattr(request.scope.get("route"), "body_field", None)
    model = body.field_info.annotation if body is not None else None
    return to_response(validation_messages.invalid_request(error.errors(), model))


async def _handle_websocket_error(websocket: WebSocket, error: Exception) -> None:
    """Respond to the handshake as to any other request."""
    assert isinstance(error, WebSocketRequestValidationError)  # noqa: S101 - registered for it
    invalid = validation_messages.invalid_request(error.errors(), None)
    await websocket.send_denial_response(to_response(invalid))


async def _handle_disconnect(_: Request, __: Exception) -> Response:
    """The client has gone, so the response is not sent; the log needs no entry."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)


async def _handle_os_error(_: Request, error: Exception) -> JSONResponse:
    """An upload that cannot be stored because a disk is full is refused as during an outage."""
    if isinstance(error, OSError) and error.errno in FULL_DISK:
        log.error("A disk is full: %s", error)
        return to_response(DiskFull())
    raise error


async def _handle_http_error(request: Request, error: Exception) -> JSONResponse:
    """Describe an error that the framework raises."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    code = CODES.get(error.status_code, "bad_request")
    detail, headers = str(error.detail), dict(error.headers or {})
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"There is nothing at {request.url.path}: the page /docs lists all paths."
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = _allowed_methods(request) or headers["Allow"]
        detail = f"{request.url.path} does not accept {request.method}, only {headers['Allow']}."
    response = problem(error.status_code, str(error.detail), detail, code)
    response.headers.update(headers)
    return response


def _allowed_methods(request: Request) -> str:
    """The methods of all routes with this path; the framework names those of the first only."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    return ", ".join(
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes
        )
    )


async def _handle_unexpected_error(request: Request, error: Exception) -> JSONResponse:
    trace = trace_field(valid_traceparent(request.headers.get("traceparent")))
    log.error("%s %s failed", request.method, request.url.path, exc_info=error, extra=trace)
    title = "Internal server error"
    return problem(500, title, "The gateway's log has the error.", "internal")
