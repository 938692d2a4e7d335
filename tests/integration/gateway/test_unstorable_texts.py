"""PostgreSQL cannot store the character NUL; a request with it is invalid, not a fault."""

import json
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.stack import Stack
from shared.db.database import Database
from tests.support.servers.gateway import gateway
from tests.support.versions import add_version

NUL = "\0"
LINES = {"Content-Type": "application/x-ndjson"}
MODEL = "a promoted version"
"""What the test replaces by the name of a version."""
REQUEST = {"model": MODEL, "bars": 1}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/batches", {"json": {"request": REQUEST, "count": 1, "metadata": {"a": NUL}}}),
        ("/v1/batches", {"json": {"request": REQUEST, "count": 1, "metadata": {NUL: "a"}}}),
        ("/v1/batches", {"content": json.dumps({**REQUEST, "custom_id": NUL}), "headers": LINES}),
        ("/v1/models/%00/promote", {}),
        ("/v1/models/%00/publish", {}),
        (f"/v1/models/{MODEL}/promote?sha256=%00", {}),
    ],
)
async def test_a_text_with_nul_is_422(
    backends: Stack, database: Database, path: str, body: dict[str, Any]
) -> None:
    version = await add_version(database)
    named = json.loads(json.dumps(body).replace(MODEL, version))
    async with gateway(backends, uuid4().hex) as http:
        response = await http.post(path.replace(MODEL, version), **named)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert "NUL (U+0000)" in response.json()["detail"]
