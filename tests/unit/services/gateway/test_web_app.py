"""The studio does not hide the API: each of its paths answers with a problem."""

from pathlib import Path

import pytest

from tests.unit.services.gateway.gateway_app import gateway

PROBLEMS = [
    ("GET", "/v1/unknown", 404),
    ("HEAD", "/v1/unknown", 404),
    ("POST", "/v1/unknown", 404),
    ("OPTIONS", "/v1/unknown", 404),
    ("GET", "/v1/v1/jobs", 404),
    ("GET", "/v1/jobs/", 404),
    ("GET", "/v1//jobs", 404),
    ("POST", "/v1", 405),
    ("OPTIONS", "/v1", 405),
    ("DELETE", "/v1/jobs", 405),
    ("HEAD", "/v1/jobs", 405),
    ("OPTIONS", "/v1/jobs", 405),
    ("GET", "/v1/jobs", 401),
    ("POST", "/v1/generations", 401),
    ("GET", "/docs/", 404),
]


@pytest.fixture(scope="module", params=[True, False], ids=["with studio", "without studio"])
def static_dir(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path | None:
    """A folder with the pages of a studio; None without one."""
    if not request.param:
        return None
    folder = tmp_path_factory.mktemp("studio")
    for name in ("index", "404"):
        (folder / f"{name}.html").write_text("a page of the studio")
    return folder


@pytest.mark.parametrize(("method", "path", "status"), PROBLEMS)
async def test_every_path_of_the_api_answers_with_a_problem(
    static_dir: Path | None, method: str, path: str, status: int
) -> None:
    async with gateway(static_dir=static_dir) as client:
        response = await client.request(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    if method != "HEAD":
        assert path in response.json()["detail"] or status == 401


@pytest.mark.parametrize("path", ["/v1", "/v1/"])
async def test_the_index_names_documents_that_exist(static_dir: Path | None, path: str) -> None:
    async with gateway(static_dir=static_dir) as client:
        index = (await client.get(path)).json()
        documents = [await client.get(index[name]) for name in ("docs", "openapi")]
    assert [document.status_code for document in documents] == [200, 200]
    assert index["name"] == documents[1].json()["info"]["title"] == "Ostinato"


async def test_all_other_paths_are_the_studio(static_dir: Path | None) -> None:
    async with gateway(static_dir=static_dir) as client:
        home, unknown = await client.get("/"), await client.get("/v1x")
    is_served = static_dir is not None
    assert home.status_code == (200 if is_served else 404)
    assert (home.text == unknown.text == "a page of the studio") is is_served


@pytest.mark.parametrize(
    ("path", "methods"), [("/v1/jobs", "GET"), ("/v1/trainings", "GET, POST"), ("/docs", "GET")]
)
async def test_allow_names_all_methods_of_a_path(
    static_dir: Path | None, path: str, methods: str
) -> None:
    async with gateway(static_dir=static_dir) as client:
        response = await client.delete(path)
    assert (response.status_code, response.headers["allow"]) == (405, methods)
