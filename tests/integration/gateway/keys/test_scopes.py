"""Every operation requires a scope, which OpenAPI names; a key without it gets 403."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato.schemas.account.keys import Scope
from tests.support.servers.gateway import gateway
from tests.unit.services.gateway.gateway_app import app_with

PUBLIC = {"/v1", "/healthz", "/readyz", "/metrics"}
ID = "01890000-0000-7000-8000-000000000000"
OPERATIONS = {
    (method.upper(), path): operation
    for path, methods in app_with().openapi()["paths"].items()
    if path not in PUBLIC
    for method, operation in methods.items()
}
G, T, A = Scope.GENERATE, Scope.TRAIN, Scope.ADMIN
RESOURCES: dict[str, set[Scope]] = {
    **{key: {G} for key in ("generations", "batches", "reproduce", "jobs", "melodies", "primers")},
    **{key: {T} for key in ("datasets", "trainings", "evaluations")},
    **{key: {G, T, A} for key in ("models", "me", "keys", "usage")},
    "engravings": {G},
    **{key: {G, T} for key in ("tickets", "webhooks")},
}
"""The scopes by the first part of the path after /v1."""
EXCEPTIONS: dict[tuple[str, str], set[Scope]] = {
    ("GET", "/v1/jobs/{job_id}/events"): {G, T},
    ("GET", "/v1/jobs/{job_id}/receipt"): {G, T},
    ("DELETE", "/v1/models/{version}"): {T},
    ("POST", "/v1/models/{version}/promote"): {T, A},
    ("POST", "/v1/models/{version}/demote"): {T, A},
    ("POST", "/v1/models/{version}/publish"): {A},
}


def scopes_of(operation: dict[str, Any]) -> set[str]:
    """The scopes of which a key needs one, by the document."""
    return {scope for entry in operation["security"] for scope in entry["HTTPBearer"]}


async def request(http: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    parts = path.split("/")
    named = "/".join(ID + part.partition("}")[2] if "{" in part else part for part in parts)
    return await http.request(method, named)


def test_every_operation_names_its_scopes() -> None:
    assert len(OPERATIONS) > 50
    expected = {
        name: EXCEPTIONS.get(name, RESOURCES.get(name[1].split("/")[2])) for name in OPERATIONS
    }
    assert {name: scopes_of(operation) for name, operation in OPERATIONS.items()} == expected


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_without_a_scope_gets_403_that_names_it(backends: Stack, scope: Scope) -> None:
    wrong = []
    async with gateway(backends, uuid4().hex, [scope]) as http:
        for (method, path), operation in OPERATIONS.items():
            response = await request(http, method, path)
            needed = scopes_of(operation)
            if scope in needed:
                is_right = response.status_code not in {401, 403, 500}
            else:
                problem = response.json()
                is_right = (
                    response.headers["content-type"] == "application/problem+json"
                    and (response.status_code, problem["code"]) == (403, "insufficient_scope")
                    and {*problem["required_scopes"]} == needed
                    and " or ".join(problem["required_scopes"]) in problem["detail"]
                    and 'error="insufficient_scope"' in response.headers["www-authenticate"]
                )
            if not is_right:
                wrong.append((method, path, response.status_code, response.text))
    assert wrong == []


async def test_the_scope_is_checked_before_the_body(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex, [Scope.TRAIN]) as http:
        response = await http.post(
            "/v1/generations", content=b"{", headers={"Content-Type": "application/json"}
        )
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")
