"""The gateway serves a page beside the API, and gives the developer's key to that page alone."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.local.stack import Stack

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def page(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_text("the studio")
    (folder / "models").mkdir()
    (folder / "models/index.html").write_text("the models")
    servers.start("gateway", OSTINATO_WEB=str(folder))
    servers.wait_ready(workers=0)
    with httpx.Client(base_url=servers.url, trust_env=False) as client:
        yield client
    servers.stop("gateway")


def test_pages_and_api_are_at_one_address(page: httpx.Client) -> None:
    assert page.get("/").text == "the studio"
    assert page.get("/models/").text == "the models"
    assert page.get("/v1/models").json()["code"] == "unauthenticated"


def test_its_own_page_gets_a_key_that_opens(page: httpx.Client) -> None:
    key = page.get("/studio/key", headers=OURS).text
    assert page.get("/v1/models", headers={"Authorization": f"Bearer {key}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        OURS | {"Host": "evil.test"},
    ],
)
def test_nobody_else_gets_it(page: httpx.Client, headers: dict[str, str]) -> None:
    answer = page.get("/studio/key", headers=headers)
    assert answer.status_code == 404
    assert "ost_" not in answer.text
