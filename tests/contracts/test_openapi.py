"""The committed OpenAPI document is valid and says what the gateway does."""

import json
from pathlib import Path

from openapi_spec_validator import validate

from services.gateway.openapi import document

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_the_present_one() -> None:
    assert COMMITTED.read_text() == document(), (
        "run: python -m services.gateway.openapi > docs/openapi.json"
    )


def test_the_document_is_valid_openapi() -> None:
    validate(json.loads(document()))


def test_events_and_problems_are_described() -> None:
    schemas = json.loads(document())["components"]["schemas"]
    assert {"Event", "NotesEvent", "Problem", "Job", "Melody"} <= set(schemas)
