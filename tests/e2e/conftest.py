"""Fixtures of the end-to-end tests: HTTP without the typed client."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.local.stack import Stack
from tests.support.http_api import http_client


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    """HTTP with the development key, without the client's retries."""
    with http_client(stack) as http:
        yield http
