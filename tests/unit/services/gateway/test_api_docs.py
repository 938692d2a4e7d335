"""The page /docs works without a network: it loads files of this gateway only."""

import re

import pytest

from tests.unit.services.gateway.gateway_app import gateway

URL = re.compile(r"(?:https?:)?//[^\s\"'<>]+")
SOURCE = re.compile(r"(?:src|href)=\"(?!data:)([^\"]+)\"|url: '([^']+)'")


async def test_the_page_loads_files_of_this_gateway_only() -> None:
    async with gateway() as client:
        page = await client.get("/docs")
        assert URL.findall(page.text) == []
        sources = [first or second for first, second in SOURCE.findall(page.text)]
        assert len(sources) == 3
        for source in sources:
            assert (await client.get(source)).status_code == 200, source
    assert page.headers["content-security-policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("path", ["/redoc", "/docs/oauth2-redirect"])
async def test_no_other_page_describes_the_api(path: str) -> None:
    async with gateway() as client:
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("name", ["redoc.standalone.js", "../core.py", "%2e%2e%2fcore.py"])
async def test_no_other_file_is_served(name: str) -> None:
    async with gateway() as client:
        assert (await client.get(f"/docs/assets/{name}")).status_code in {404, 422}
