"""The committed OpenAPI document is valid and describes the gateway."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from services.gateway.openapi import openapi_json

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
DOCUMENT = json.loads(openapi_json())
OPERATIONS = {
    f"{method} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
PUBLIC = {"get /v1", "get /healthz", "get /readyz", "get /metrics"}
"""Operations that need no API key."""


def test_the_committed_document_is_up_to_date() -> None:
    assert COMMITTED.read_text() == openapi_json(), "run: make docs"


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_events_and_problems_are_described() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert {"Event", "NotesEvent", "Problem", "GenerationJob", "Melody"} <= set(schemas)


def is_numeric(schema: dict[str, Any]) -> bool:
    """Whether a value is a number, or contains numbers, and so may have a unit."""
    parts = [*schema.get("anyOf", []), *schema.get("prefixItems", [])]
    parts += [schema[key] for key in ("items", "additionalProperties") if schema.get(key)]
    if schema.get("type") in {"integer", "number"}:
        return True
    return any(is_numeric(part) for part in parts if isinstance(part, dict))


def numeric_fields() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every numeric property, array element and parameter, with its name."""
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, found in schema.get("properties", {}).items():
            yield f"{name}.{field}", found
        for index, found in enumerate(schema.get("prefixItems", [])):
            yield f"{name}[{index}]", found
    for name, operation in OPERATIONS.items():
        for parameter in operation.get("parameters", []):
            described = {**parameter["schema"], "description": parameter.get("description")}
            yield f"{name} {parameter['name']}", described


def test_every_number_has_a_description() -> None:
    numbers = {name: schema for name, schema in numeric_fields() if is_numeric(schema)}
    assert len(numbers) > 100
    assert [name for name, schema in numbers.items() if not schema.get("description")] == []


@pytest.mark.parametrize(
    ("field", "unit"),
    [
        ("Note[0]", "1/480 quarter note"),
        ("Note[1]", "1/480 quarter note"),
        ("Note[2]", "MIDI pitch"),
        ("GenerationRequest.tempo", "Quarter notes per minute"),
        ("Melody.tempo", "Quarter notes per minute"),
        ("GenerationRequest.regenerate", "counted from 0"),
        ("GenerationRequest.deadline_seconds", "Seconds"),
        ("Dataset.num_bytes", "bytes"),
        ("NotesEvent.at", "milliseconds"),
    ],
)
def test_a_description_names_the_unit(field: str, unit: str) -> None:
    assert unit in dict(numeric_fields())[field]["description"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_has_a_summary_and_its_main_errors(name: str) -> None:
    operation = OPERATIONS[name]
    responses = operation["responses"]
    assert operation["summary"]
    assert operation["description"]
    assert ("security" in operation) == (name not in PUBLIC)
    if name not in PUBLIC:
        assert {"401", "503"} <= set(responses)
    if "{" in name:
        assert "_not_found" in responses["404"]["description"]
    if "requestBody" in operation:
        assert {"413", "422"} <= set(responses)
    if any(has_limits(parameter["schema"]) for parameter in operation.get("parameters", [])):
        assert "422" in responses


def has_limits(schema: dict[str, Any]) -> bool:
    """Whether a parameter may have an invalid value."""
    return any(
        {"format", "pattern", "minimum", "maximum"} & set(part)
        for part in (schema, *schema.get("anyOf", []))
    )
