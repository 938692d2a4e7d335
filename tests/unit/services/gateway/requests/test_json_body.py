"""JSON bodies are validated before FastAPI sees them, and errors are few and small."""

import json
from typing import Any, get_args, get_origin

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from ostinato.schemas.account.keys import ApiKeyRequest, RotationRequest
from ostinato.schemas.account.webhooks import WebhookRequest
from ostinato.schemas.engravings import EngravingRequest
from ostinato.schemas.evaluations import EvaluationRequest
from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.trainings import TrainingRequest
from services.gateway import problem_details
from services.gateway.requests.json_body import MAX_BYTES_ON_EVENT_LOOP, JsonBodyRoute
from tests.unit.services.gateway.gateway_app import app_with, client_of

MODELS: tuple[type[BaseModel], ...] = (
    *(GenerationRequest, TrainingRequest, EvaluationRequest, EngravingRequest, WebhookRequest),
    *(ApiKeyRequest, RotationRequest),
)
MANY = 400_000
MAX_PROBLEM_BYTES = 20_000


def json_routes() -> list[APIRoute]:
    contexts = iter_route_contexts(app_with().routes)
    routes = [context.original_route for context in contexts]
    return [route for route in routes if isinstance(route, APIRoute) and route.body_field]


def test_every_route_with_a_json_body_validates_it_here() -> None:
    routes = json_routes()
    assert {route.path for route in routes if not isinstance(route, JsonBodyRoute)} == set()
    assert {route.body_field.field_info.annotation for route in routes if route.body_field} == set(
        MODELS
    )


def sequences_of(annotation: object) -> list[tuple[Any, list[Any]]]:
    """The types of lists in an annotation, with the metadata that belongs to each."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    metadata = list(getattr(annotation, "__metadata__", ()))
    if metadata:
        return [(kind, [*found, *metadata]) for kind, found in sequences_of(arguments[0])]
    if origin in {list, tuple, set, frozenset}:
        return [(annotation, [])]
    return [found for argument in arguments for found in sequences_of(argument)]


def fields_of(model: type[BaseModel]) -> list[tuple[str, Any, list[Any]]]:
    """Every field of a model and of the models in it, with its type and metadata."""
    fields = []
    for name, field in model.model_fields.items():
        fields.append((f"{model.__name__}.{name}", field.annotation, field.metadata))
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                fields += fields_of(part)
    return fields


@pytest.mark.parametrize("model", MODELS)
def test_validation_of_a_list_stops_at_the_first_invalid_item(model: type[BaseModel]) -> None:
    for name, annotation, metadata in fields_of(model):
        for kind, nested in sequences_of(annotation):
            constraints = repr([*nested, *metadata])
            assert "fail_fast=True" in constraints, (name, kind)
            assert "max_length=" in constraints, (name, kind)


def client() -> httpx.AsyncClient:
    """A client of routes that return the request which they accept."""
    router = APIRouter(route_class=JsonBodyRoute)

    @router.post("/generations")
    async def generation(request: GenerationRequest) -> GenerationRequest:
        return request

    @router.post("/engravings")
    async def engraving(request: EngravingRequest) -> EngravingRequest:
        return request

    app = FastAPI()
    problem_details.register_handlers(app)
    app.include_router(router)
    return client_of(app)


async def post(path: str, body: bytes) -> httpx.Response:
    async with client() as http:
        return await http.post(path, content=body, headers={"Content-Type": "application/json"})


async def problem(path: str, body: bytes) -> dict[str, Any]:
    response = await post(path, body)
    assert response.status_code == 422
    assert len(response.content) < MAX_PROBLEM_BYTES
    content: dict[str, Any] = response.json()
    assert len(content.get("errors", [])) <= 20
    return content


@pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf", b" \n"])
async def test_a_valid_body_reaches_the_route(prefix: bytes) -> None:
    request = {"model": "mini", "regenerate": None, "chords": {"progression": ["C", "F#m7"]}}
    response = await post("/generations", prefix + json.dumps(request).encode())
    assert response.status_code == 200
    assert response.json()["chords"]["progression"] == ["C", "F#m7"]


async def test_a_large_valid_body_reaches_the_route() -> None:
    notes = [[0, 480, 60, 100 + number % 20] for number in range(4_000)]
    body = json.dumps({"notes": notes}, indent=2).encode()
    assert len(body) > MAX_BYTES_ON_EVENT_LOOP
    assert (await post("/engravings", body)).json()["notes"] == notes


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/generations", b'{"regenerate":[%b-1]}' % (b"-1," * 300_000), "regenerate.0"),
        ("/generations", b'{"regenerate":[%b1]}' % (b"1," * MANY), "regenerate"),
        (
            "/generations",
            b'{"chords":{"progression":[%b1]}}' % (b"1," * MANY),
            "chords.progression.0",
        ),
        ("/engravings", b'{"notes":[%b1]}' % (b"1," * MANY), "notes.0"),
        ("/engravings", b'{"notes":[[%b1]]}' % (b"1," * MANY), "notes.0"),
        ("/generations", b"[%b[]]" % (b"[]," * 300_000), "body"),
        ("/generations", b"[" * 900_000, "body"),
        ("/generations", b'{"model":"' + b"x" * 900_000, "body"),
        ("/generations", b'{"model":"' + b"x" * 900_000 + b'"}', "model"),
        ("/generations", b'{"scale":{"tonic":"' + b"x" * 900_000 + b'"}}', "scale.tonic"),
        ("/generations", b'{"bars":' + b"9" * 900_000 + b"}", "body"),
        ("/generations", b'{"bars":' + b"9" * 4_000 + b"}", "bars"),
        ("/generations", b'{"%b":1}' % (b"x" * 900_000), "x" * 97 + "..."),
        ("/generations", b'{"model":"\xff"}', "body"),
        ("/generations", b'{"model":"\\ud800"}', "body"),
    ],
    ids=range(15),
)
async def test_a_large_invalid_body_has_a_small_problem(path: str, body: bytes, field: str) -> None:
    assert (await problem(path, body))["field"] == field


def unknown_fields(count: int) -> bytes:
    return json.dumps(dict.fromkeys(map(str, range(count)), 1)).encode()


@pytest.mark.parametrize(("count", "omitted"), [(1, 0), (20, 0), (21, 1), (1000, 980)])
async def test_at_most_twenty_errors_are_listed_and_the_others_counted(
    count: int, omitted: int
) -> None:
    content = await problem("/generations", unknown_fields(count))
    assert len(content["errors"]) == count - omitted
    assert content["omitted_errors"] == omitted
    assert content["detail"].endswith(f"and {omitted:,} more errors") is bool(omitted)


async def test_a_thousand_errors_are_only_counted() -> None:
    content = await problem("/generations", unknown_fields(90_000))
    assert content["errors"] == [
        {"field": "body", "message": "90,000 values are not expected or not valid"}
    ]
