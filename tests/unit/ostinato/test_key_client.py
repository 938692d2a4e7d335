"""The request of each method for keys and usage, and how the client parses the response."""

from datetime import date
from uuid import UUID

import pytest

from ostinato import Client
from ostinato.errors import ClientError
from ostinato.schemas.account.keys import (
    ApiKeyRequest,
    CreatedApiKey,
    Identity,
    RotationRequest,
    Scope,
)
from ostinato.schemas.account.usage import StorageUsage, Usage, UsageDay
from tests.unit.ostinato.payloads import KEY_ID, a_key, page
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

PATH = f"/v1/keys/{KEY_ID}"
CREATED = CreatedApiKey(**a_key().model_dump(), key="ost_Ab12CdEf")


def test_a_client_says_who_it_is(server: ScriptedServer, client: Client) -> None:
    identity = Identity(owner="ann", key_id=KEY_ID, scopes=[Scope.TRAIN], expires_at=None)
    server.script("/v1/me", identity.model_dump_json())
    assert client.identity() == identity


@pytest.mark.parametrize(("owner", "query"), [(None, ""), ("ann b", "owner=ann%20b")])
def test_keys_are_listed(
    server: ScriptedServer, client: Client, owner: str | None, query: str
) -> None:
    server.script("/v1/keys", page(a_key()))
    assert list(client.keys(owner)) == [a_key()]
    assert server.requests[0].url.query.replace("+", "%20") == query


def test_a_key_is_created_rotated_and_revoked(server: ScriptedServer, client: Client) -> None:
    server.script("/v1/keys", CREATED.model_dump_json())
    request = ApiKeyRequest(scopes=(Scope.GENERATE,), expires_in_days=1)
    assert client.create_key(request) == CREATED
    assert ApiKeyRequest.model_validate_json(server.bodies[-1]) == request
    server.script(f"{PATH}/rotate", CREATED.model_dump_json())
    assert client.rotate_key(KEY_ID) == CREATED
    assert RotationRequest.model_validate_json(server.bodies[-1]) == RotationRequest()
    at_once = RotationRequest(grace_seconds=0)
    client.rotate_key(KEY_ID, at_once)
    assert RotationRequest.model_validate_json(server.bodies[-1]) == at_once
    server.script(PATH, ScriptedResponse(status=204))
    client.revoke_key(KEY_ID)
    assert server.requests[-1].method == "DELETE"


def test_a_request_for_a_key_is_not_repeated(server: ScriptedServer, client: Client) -> None:
    """Its response has the secret, which another request could not return."""
    server.script("/v1/keys", ScriptedResponse(body=b"{", ending="cut"))
    with pytest.raises(ClientError):
        client.create_key(ApiKeyRequest(scopes=(Scope.GENERATE,)))
    assert len(server.requests) == 1


@pytest.mark.parametrize(("key_id", "query"), [(None, ""), (KEY_ID, f"&key_id={KEY_ID}")])
def test_usage_is_of_all_keys_or_one(
    server: ScriptedServer, client: Client, key_id: UUID | None, query: str
) -> None:
    day = UsageDay(day=date(2026, 1, 2), jobs=1, melodies=2, tokens=3, seconds=0.5)
    storage = StorageUsage(datasets_bytes=0, models_bytes=0, max_bytes=1)
    usage = Usage(items=[day], storage=storage)
    server.script("/v1/usage", usage.model_dump_json())
    assert client.usage(days=3, key_id=key_id) == usage
    assert server.requests[0].url.query == f"days=3{query}"
