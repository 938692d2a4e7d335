"""Validates JSON bodies: cheaper than FastAPI, and bounded for invalid ones.

FastAPI creates the Python objects of the whole body first, and then a description of every error.
Here pydantic parses the bytes, so that it creates objects for valid fields only, and at most
`validation_messages.MAX_ERRORS` errors are described.
"""

import codecs
from asyncio import to_thread
from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from services.gateway import validation_messages
from services.gateway.requests.scopes import VALID_KEY, required_scopes
from shared.errors import InvalidRequest

MAX_BYTES_ON_EVENT_LOOP = 100_000
"""Larger bodies are validated in a thread."""
MAX_BRACKETS = 20_000
"""Opening brackets in a larger body; valid ones have half as many, and each costs an object."""

Handler = Callable[[Request], Awaitable[Response]]


class JsonBodyRoute(APIRoute):
    """A route that validates its JSON body itself; use it as `route_class` of a router."""

    def get_route_handler(self) -> Handler:  # type: ignore[override]  # FastAPI only awaits it
        """FastAPI's handler, after the validation of the body."""
        handle = super().get_route_handler()
        scopes = required_scopes(self.dependant)
        model = self.body_field.field_info.annotation if self.body_field else None
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return handle

        async def validate_and_handle(request: Request) -> Response:
            """Validate a JSON body; leave any other one to FastAPI, which rejects it."""
            if scopes is not None:
                scopes.check(request.scope.get(VALID_KEY))  # before the body is read
            if _is_json(request):
                validated = _ValidatedRequest(request.scope, request.receive)
                if body := await validated.body():
                    validated.model = await _validate(model, body)
                    return await handle(validated)
                request = validated
            return await handle(request)

        return validate_and_handle


class _ValidatedRequest(Request):
    """A request whose JSON is the validated model, which FastAPI accepts as it is."""

    model: BaseModel

    async def json(self) -> BaseModel:
        """The model instead of the parsed JSON."""
        return self.model


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )


async def _validate(model: type[BaseModel], body: bytes) -> BaseModel:
    if len(body) <= MAX_BYTES_ON_EVENT_LOOP:
        return _parse(model, body)
    if body.count(b"[") + body.count(b"{") > MAX_BRACKETS:
        raise InvalidRequest(
            f"body: has more than {MAX_BRACKETS:,} lists and objects, which no valid request has.",
            field="body",
        )
    return await to_thread(_parse, model, body)


def _parse(model: type[BaseModel], body: bytes) -> BaseModel:
    """The model in a body.

    Raises:
        InvalidRequest: the body is no JSON, or does not match the model.
    """
    try:
        return model.model_validate_json(body.removeprefix(codecs.BOM_UTF8))
    except ValidationError as error:
        raise validation_messages.invalid_body(error, model) from None
