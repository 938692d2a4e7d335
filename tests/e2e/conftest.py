"""Ways to talk to the house below the typed client."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.local.stack import Stack
from tests.wire import raw_http


@pytest.fixture
def http(house: Stack) -> Iterator[httpx.Client]:
    """The developer's HTTP, without the client's retries."""
    with raw_http(house) as http:
        yield http
