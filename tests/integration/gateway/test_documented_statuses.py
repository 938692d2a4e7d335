"""Any request that the document allows is answered as the document says.

schemathesis makes requests from docs/openapi.json, valid and invalid ones, and compares the status,
the headers and the body of every response with it.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.gateway.openapi import openapi_json
from tests.conftest import CHECKPOINTS
from tests.support.http_api import create_api_key
from tests.support.servers.stacks import Servers, StackOnServers

EXAMPLES = 4
UNLIMITED = {
    "OSTINATO_MAX_REQUESTS_PER_SECOND": "1000000",
    "OSTINATO_REQUEST_BURST": "1000000",
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
UNREADY = "/readyz"
"""It answers 503 as long as no worker serves the default model."""
for media_type in ("application/zip", "application/x-ndjson", "audio/midi"):
    schemathesis.openapi.media_type(media_type, st.binary(max_size=200))

DOCUMENT = json.loads(openapi_json())
schema = schemathesis.openapi.from_dict(DOCUMENT).exclude(path_regex="/events$")  # endless answers


@pytest.fixture(scope="module")
def target(
    servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """The URL and the headers of a gateway without a worker."""
    folder = tmp_path_factory.mktemp("documented")
    with StackOnServers(folder, servers, checkpoints_dir=CHECKPOINTS) as stack:
        stack.register()
        stack.start("gateway", **UNLIMITED)
        stack.wait_ready(workers=0)
        yield stack.url, {"Authorization": f"Bearer {create_api_key(stack, 'owner')}"}


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_response_is_documented(
    case: schemathesis.Case[Any], target: tuple[str, dict[str, str]]
) -> None:
    url, headers = target
    checks = [check for check in CHECKS if case.path != UNREADY or check is not not_a_server_error]
    case.call_and_validate(base_url=url, headers=headers, checks=checks)


def test_no_operation_allows_any_status() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            assert "default" not in operation["responses"], path
