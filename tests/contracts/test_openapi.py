"""The committed OpenAPI document is valid and describes the gateway."""

import json
from pathlib import Path

from openapi_spec_validator import validate

from services.gateway.openapi import openapi_json

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_up_to_date() -> None:
    assert COMMITTED.read_text() == openapi_json(), "run: make docs"


def test_the_document_is_valid_openapi() -> None:
    validate(json.loads(openapi_json()))


def test_events_and_problems_are_described() -> None:
    schemas = json.loads(openapi_json())["components"]["schemas"]
    assert {"Event", "NotesEvent", "Problem", "GenerationJob", "Melody"} <= set(schemas)
