"""Keys over HTTP: who am I; list, create, rotate and revoke them."""

from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato.schemas.account.keys import Scope
from services.gateway.requests import key_cache
from shared.db import api_keys
from tests.support.servers.gateway import gateway

USER = (Scope.GENERATE, Scope.TRAIN)
KEYS = "/v1/keys"


def bearer(created: httpx.Response) -> dict[str, str]:
    assert created.status_code == 201, created.text
    return {"Authorization": f"Bearer {created.json()['key']}"}


async def test_a_key_says_who_it_is(backends: Stack) -> None:
    owner = uuid4().hex
    async with gateway(backends, owner, USER) as http:
        me = (await http.get("/v1/me")).json()
        [listed] = (await http.get(KEYS)).json()["items"]
        secret = http.headers["Authorization"].removeprefix("Bearer ")
    assert (me["owner"], me["scopes"], me["expires_at"]) == (owner, ["generate", "train"], None)
    assert listed["id"] == me["key_id"]
    assert secret.startswith(listed["prefix"])
    assert secret not in str(listed)


async def test_a_user_creates_keys_with_scopes_of_its_own(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex, USER) as http:
        request = {"name": "laptop", "scopes": ["generate"], "expires_in_days": 1}
        created = await http.post(KEYS, json=request)
        me = (await http.get("/v1/me", headers=bearer(created))).json()
        assert me["scopes"] == ["generate"]
        lifetime = datetime.fromisoformat(me["expires_at"]) - datetime.fromisoformat(
            created.json()["created_at"]
        )
        assert lifetime == timedelta(days=1)
        longer = {"scopes": ["generate"], "expires_in_days": 3}
        child = await http.post(KEYS, json=longer, headers=bearer(created))
        assert child.json()["expires_at"] == me["expires_at"]
        names = [key["name"] for key in (await http.get(KEYS)).json()["items"]]
        assert names == ["", "laptop", ""]
        for forbidden in (
            {"scopes": ["generate", "admin"]},
            {"scopes": ["generate"], "owner": "another"},
        ):
            rejected = await http.post(KEYS, json=forbidden)
            assert (rejected.status_code, rejected.json()["required_scopes"]) == (403, ["admin"])
        assert (await http.post(KEYS, json={"scopes": []})).status_code == 422
        assert (await http.get(KEYS, params={"owner": "another"})).status_code == 403


async def test_an_admin_creates_and_revokes_keys_of_every_owner(
    backends: Stack,
) -> None:
    other = uuid4().hex
    async with gateway(backends, uuid4().hex, [Scope.ADMIN]) as http:
        created = await http.post(KEYS, json={"scopes": ["train"], "owner": other})
        me = await http.get("/v1/me", headers=bearer(created))
        assert (me.json()["owner"], me.json()["scopes"]) == (other, ["train"])
        [listed] = (await http.get(KEYS, params={"owner": other})).json()["items"]
        assert listed["id"] == created.json()["id"]
        path = f"{KEYS}/{created.json()['id']}"
        assert (await http.delete(path)).status_code == 204
        again = await http.delete(path)
        assert (again.status_code, again.json()["code"]) == (404, "key_not_found")


async def test_a_rotated_key_remains_valid_for_a_while(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex, USER) as http:
        old = (await http.get("/v1/me")).json()
        rotated = await http.post(f"{KEYS}/{old['key_id']}/rotate", json={"grace_seconds": 600})
        new = (await http.get("/v1/me", headers=bearer(rotated))).json()
        assert (new["owner"], new["scopes"]) == (old["owner"], old["scopes"])
        assert (new["expires_at"], new["key_id"] == old["key_id"]) == (None, False)
        by_id = {key["id"]: key for key in (await http.get(KEYS)).json()["items"]}
        ends = datetime.fromisoformat(by_id[old["key_id"]]["expires_at"])
        assert ends - datetime.fromisoformat(rotated.json()["created_at"]) == timedelta(minutes=10)
        at_once = f"{KEYS}/{new['key_id']}/rotate"
        await http.post(at_once, json={"grace_seconds": 0}, headers=bearer(rotated))
        assert [key["id"] for key in (await http.get(KEYS)).json()["items"]].count(
            new["key_id"]
        ) == 0


async def test_a_key_changes_no_key_that_may_do_more(backends: Stack) -> None:
    """Otherwise it could get the scopes of another key by rotating it."""
    owner = uuid4().hex
    async with (
        gateway(backends, owner, Scope) as admin,
        gateway(backends, owner, [Scope.GENERATE]) as user,
        gateway(backends, uuid4().hex, USER) as other,
    ):
        key_id = (await admin.get("/v1/me")).json()["key_id"]
        for method, path in (("DELETE", ""), ("POST", "/rotate")):
            rejected = await user.request(method, f"{KEYS}/{key_id}{path}", json={})
            assert (rejected.status_code, rejected.json()["code"]) == (403, "insufficient_scope")
            hidden = await other.request(method, f"{KEYS}/{key_id}{path}", json={})
            assert (hidden.status_code, hidden.json()["code"]) == (404, "key_not_found")


async def test_an_owner_has_a_limited_number_of_keys(
    backends: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "MAX_KEYS_PER_OWNER", 3)
    async with gateway(backends, uuid4().hex, USER) as http:
        statuses = [
            (await http.post(KEYS, json={"scopes": ["generate"]})).status_code for _ in range(3)
        ]
    assert statuses == [201, 201, 429]


async def test_wrong_keys_are_limited_and_valid_ones_are_not(
    backends: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_cache, "LIFETIME_SECONDS", 0.0)
    async with gateway(backends, uuid4().hex, USER) as http:
        wrong = [
            await http.get("/v1/me", headers={"Authorization": f"Bearer ost_{number}"})
            for number in range(120)
        ]
        assert (await http.get("/v1/me")).status_code == 200
    statuses = [response.status_code for response in wrong]
    assert statuses[:100] == [401] * 100
    assert statuses[-1] == 429
    assert wrong[-1].json()["code"] == "too_many_wrong_keys"
    assert int(wrong[-1].headers["retry-after"]) >= 1
