"""Validation errors name the field, the whole valid range, and what is expected."""

from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, Field, ValidationError

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.trainings import TrainingRequest
from services.gateway import problem_details, validation_messages
from services.gateway.requests.json_body import JsonBodyRoute
from tests.unit.services.gateway.gateway_app import client_of


class Inner(BaseModel):
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5


class Outer(BaseModel):
    bars: Annotated[int, Field(ge=1, le=8)] = 1
    seed: Annotated[int, Field(ge=0)] | None = None
    inner: Inner = Inner()
    names: list[Annotated[int, Field(le=3)]] = []


def message(**fields: object) -> str:
    try:
        Outer.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        return validation_messages.describe(first, Outer, first["loc"])
    raise AssertionError(fields)


def test_both_bounds_are_named_if_one_is_exceeded() -> None:
    assert message(bars=0) == "must be at least 1 and at most 8"
    assert message(bars=9) == "must be at least 1 and at most 8"


def test_bounds_of_nested_and_optional_fields_are_found() -> None:
    assert message(inner={"share": 1}) == "must be more than 0 and less than 1"
    assert message(seed=-1) == "must be at least 0"


def test_other_errors_keep_the_message_of_pydantic() -> None:
    assert "valid integer" in message(bars="x")
    assert "less than or equal to 3" in message(names=[4])


def app_with_routes() -> FastAPI:
    """An application whose routes return the request that they accept."""
    router = APIRouter(route_class=JsonBodyRoute)

    @router.post("/generations")
    async def generation(request: GenerationRequest) -> GenerationRequest:
        return request

    @router.post("/trainings")
    async def training(request: TrainingRequest) -> TrainingRequest:
        return request

    app = FastAPI()
    problem_details.register_handlers(app)
    app.include_router(router)
    return app


JSON = "application/json"


@pytest.mark.parametrize(
    ("path", "body", "content_type", "detail"),
    [
        (
            "generations",
            '{"model": "mini"}',
            "application/x-www-form-urlencoded",
            "body: send a JSON object, with the header Content-Type: application/json",
        ),
        (
            "generations",
            "",
            JSON,
            "body: send a JSON object, with the header Content-Type: application/json",
        ),
        (
            "generations",
            "[]",
            JSON,
            "body: send a JSON object, with the header Content-Type: application/json",
        ),
        (
            "generations",
            '{"model": "mini"',
            JSON,
            "body: Invalid JSON: EOF while parsing an object at line 1 column 16",
        ),
        ("trainings", '{"version": "a"}', JSON, "recipe: Field required"),
        (
            "generations",
            '{"model": "mini", "bars": 0, "tempo": "fast"}',
            JSON,
            "bars: must be at least 1 and at most 256; tempo: Input should be a valid number, "
            "unable to parse string as a number",
        ),
        (
            "generations",
            '{"model": "mini", "scale": {"tonic": "H"}}',
            JSON,
            "scale.tonic: 'H' is not allowed: write A to G, then # or b if it is raised or lowered",
        ),
        (
            "generations",
            '{"model": "mini", "chords": {"progression": ["Hm"]}}',
            JSON,
            "chords.progression.0: 'Hm' is not a chord: write a note from A to G, # or b if it "
            "is raised or lowered, and the kind of the chord, such as Am, F#m7, Bbmaj7, C13, "
            "G7#9, Csus4 or Am7/G",
        ),
        (
            "generations",
            '{"model": "mini", "chords": {"progression": []}}',
            JSON,
            "chords.progression: Tuple should have at least 1 item after validation, not 0",
        ),
        (
            "generations",
            '{"model": "mini", "count": 65, "priority": "interactive"}',
            JSON,
            "body: priority: interactive allows at most 64 melodies; lower count, or omit priority "
            "to run them as a batch",
        ),
        (
            "trainings",
            '{"recipe": "mini", "version": "My Tunes"}',
            JSON,
            "version: 'My Tunes' is not allowed: use up to 64 lower-case letters, digits, dots and "
            "hyphens, no hyphen first",
        ),
    ],
)
async def test_the_detail_says_what_to_send(
    path: str, body: str, content_type: str, detail: str
) -> None:
    async with client_of(app_with_routes()) as client:
        response = await client.post(
            f"/{path}", content=body, headers={"Content-Type": content_type}
        )
    assert response.status_code == 422
    assert response.json()["detail"] == detail
    assert response.json()["field"] == detail.partition(":")[0]
