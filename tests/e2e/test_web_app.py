"""The gateway serves the web studio and sends the development key to its own pages only."""

from collections.abc import Iterator

import httpx
import pytest

from deploy.local.stack import Stack

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def studio(backends: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("studio")
    (folder / "index.html").write_text("the studio")
    (folder / "models").mkdir()
    (folder / "models/index.html").write_text("the models")
    backends.start("gateway", OSTINATO_STATIC_DIR=str(folder))
    backends.wait_ready(workers=0)
    with httpx.Client(base_url=backends.url, trust_env=False) as client:
        yield client
    backends.stop("gateway")


def test_pages_and_the_api_have_one_origin(studio: httpx.Client) -> None:
    assert studio.get("/").text == "the studio"
    assert studio.get("/models/").text == "the models"
    assert studio.get("/v1/models").json()["code"] == "unauthenticated"


def test_a_page_of_the_same_origin_gets_a_valid_key(studio: httpx.Client) -> None:
    key = studio.get("/studio/key", headers=SAME_ORIGIN).text
    assert studio.get("/v1/models", headers={"Authorization": f"Bearer {key}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        SAME_ORIGIN | {"Host": "evil.test"},
    ],
)
def test_other_requests_do_not_get_the_key(studio: httpx.Client, headers: dict[str, str]) -> None:
    response = studio.get("/studio/key", headers=headers)
    assert response.status_code == 404
    assert "ost_" not in response.text
