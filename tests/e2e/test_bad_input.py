"""Invalid requests get problem details with a code, the field and the valid values."""

import io
import json
import zipfile
from collections.abc import Iterator
from http.client import HTTPConnection

import httpx
import pytest

from deploy.local.stack import Stack
from tests.support.http_api import (
    create_api_key,
    first_melody_id,
    post_generation,
    run_key_command,
    sse_events,
)

GENERATIONS = "/v1/generations"


def problem(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    """Check that the response is this problem, and return its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"]
    return body


def test_an_unknown_model_is_404_with_the_available_ones(http: httpx.Client) -> None:
    body = problem(http.post(GENERATIONS, json={"model": "v99"}), 404, "model_not_found")
    assert "mini" in str(body["models"])
    problem(http.post("/v1/models/v99/promote"), 404, "model_not_found")


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"bars": 0}, "bars", "at least 1 and at most 256"),
        ({"count": 10_001}, "count", "at least 1 and at most 10000"),
        ({"tempo": 5}, "tempo", "at least 20 and at most 300"),
        ({"sampling": {"top_p": 0}}, "sampling.top_p", "more than 0.0 and at most 1.0"),
        ({"seed": -1}, "seed", "at least 0"),
        ({"seed": 2**53 - 1, "count": 2}, "body", "seed + count"),
        ({"count": 65, "priority": "interactive"}, "body", "at most 64"),
        ({"instrument": "violin"}, "instrument", "valid integer"),
        ({"color": "red"}, "color", "not permitted"),
    ],
)
def test_an_invalid_parameter_is_422_with_its_field_and_range(
    http: httpx.Client, fields: dict[str, object], field: str, words: str
) -> None:
    response = http.post(GENERATIONS, json={"model": "mini", **fields})
    body = problem(response, 422, "invalid_request")
    assert body["field"] == field
    assert words in str(body["detail"])


def test_more_bars_than_the_model_supports_is_422(http: httpx.Client) -> None:
    max_bars = http.get("/v1/models").json()["items"][0]["capabilities"]["max_bars"]
    response = http.post(GENERATIONS, json={"model": "mini", "bars": max_bars + 1})
    body = problem(response, 422, "invalid_request")
    assert (body["field"], body["maximum"]) == ("bars", max_bars)


def newest_job_ids(http: httpx.Client) -> list[str]:
    return [job["id"] for job in http.get("/v1/jobs", params={"limit": 1}).json()["items"]]


def chunks(size: int) -> Iterator[bytes]:
    """A body without a Content-Length."""
    yield b'{"model": "'
    for _ in range(size // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize(
    ("path", "max_bytes"),
    [(GENERATIONS, 1_000_000), ("/v1/batches", 50_000_000), ("/v1/primers", 2_000_000)],
)
def test_a_body_over_the_limit_is_413_with_and_without_a_content_length(
    http: httpx.Client, path: str, max_bytes: int
) -> None:
    headers = {"Content-Type": "application/json"}
    body = problem(
        http.post(path, content=b" " * (max_bytes + 1), headers=headers), 413, "body_too_large"
    )
    assert body["max_bytes"] == max_bytes
    problem(
        http.post(path, content=chunks(max_bytes + 1000), headers=headers), 413, "body_too_large"
    )


def test_a_zip_over_the_limit_is_413_before_its_body_is_sent(stack: Stack) -> None:
    connection = HTTPConnection(stack.url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/v1/datasets?name=x")
    connection.putheader("Content-Length", "512000001")
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, json.load(response)["max_bytes"]) == (413, 512_000_000)
    connection.close()


def test_an_invalid_zip_is_422_and_a_valid_one_is_stored(http: httpx.Client) -> None:
    response = http.post("/v1/datasets", params={"name": "tunes"}, content=b"no zip")
    problem(response, 422, "invalid_archive")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tune.mid", b"MThd")
    stored = http.post("/v1/datasets", params={"name": "tunes"}, content=file.getvalue())
    assert stored.status_code == 201
    assert stored.json()["num_files"] == 1
    listed = http.get("/v1/datasets").json()["items"][0]
    assert listed["id"] == stored.json()["id"]
    problem(http.post("/v1/datasets", params={"name": "../x"}), 422, "invalid_request")


@pytest.mark.parametrize(
    "data", [b"", b"not midi at all", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\xff\xff\0\x90"]
)
def test_an_invalid_primer_is_422(http: httpx.Client, data: bytes) -> None:
    problem(http.post("/v1/primers", content=data), 422, "invalid_midi")


def test_a_primer_over_the_length_limit_is_422(http: httpx.Client) -> None:
    header = b"MThd\0\0\0\6\0\0\0\1\0\1"  # one tick per quarter note
    track = b"\x88\x04\x90\x3c\x40\1\x80\x3c\x40\0\xff\x2f\0"  # a note after 257 bars
    data = header + b"MTrk" + len(track).to_bytes(4, "big") + track
    response = http.post("/v1/primers", content=data)
    assert "256 bars" in str(problem(response, 422, "invalid_midi")["detail"])


def test_an_unknown_primer_is_404(http: httpx.Client) -> None:
    primer_id = "01890000-0000-7000-8000-000000000000"
    response = http.post(GENERATIONS, json={"model": "mini", "primer_id": primer_id})
    problem(response, 404, "primer_not_found")


def test_an_idempotency_key_returns_the_same_job_and_rejects_another_body(
    http: httpx.Client,
) -> None:
    headers = {"Idempotency-Key": "bad-input-1"}
    first = http.post(GENERATIONS, json={"model": "mini", "bars": 1}, headers=headers)
    again = http.post(GENERATIONS, json={"model": "mini", "bars": 1}, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    other = http.post(GENERATIONS, json={"model": "mini", "bars": 2}, headers=headers)
    problem(other, 422, "idempotency_mismatch")


def test_a_batch_key_identifies_the_whole_body(http: httpx.Client) -> None:
    path, headers = "/v1/batches", {"Idempotency-Key": "bad-input-2"}
    line = b'{"model":"mini","bars":1}\n'
    first = http.post(path, content=2 * line, headers=headers)
    again = http.post(path, content=2 * line, headers=headers)
    assert (first.status_code, again.json()["id"]) == (202, first.json()["id"])
    for body in (line, 3 * line):
        response = http.post(path, content=body, headers=headers)
        problem(response, 422, "idempotency_mismatch")
    request = {"model": "mini", "bars": 1}
    problem(http.post(GENERATIONS, json=request, headers=headers), 422, "idempotency_mismatch")


def test_an_invalid_line_rejects_the_whole_batch_and_is_named(http: httpx.Client) -> None:
    before = [batch["id"] for batch in http.get("/v1/batches").json()["items"]]
    response = http.post("/v1/batches", content=b'{"model":"mini"}\n\n{"bars":0}')
    assert problem(response, 422, "invalid_request")["line"] == 3
    assert [batch["id"] for batch in http.get("/v1/batches").json()["items"]] == before


@pytest.mark.parametrize("header", ["", "Bearer ost_wrong", "Basic abc"])
def test_a_missing_or_unknown_key_is_401(http: httpx.Client, header: str) -> None:
    response = http.get("/v1/jobs", headers={"Authorization": header})
    problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_job_and_a_melody_of_another_owner_are_404(stack: Stack, http: httpx.Client) -> None:
    job = post_generation(http, bars=1)
    key = create_api_key(stack, "other")
    other_owner = {"Authorization": f"Bearer {key}"}
    for method, path in [
        ("GET", f"/v1/jobs/{job['id']}"),
        ("GET", f"/v1/jobs/{job['id']}/melodies"),
        ("GET", f"/v1/jobs/{job['id']}/archive.zip"),
        ("POST", f"/v1/jobs/{job['id']}/cancel"),
    ]:
        problem(http.request(method, path, headers=other_owner), 404, "job_not_found")
    melody = first_melody_id(http, job["id"])
    for method, path in [
        ("GET", f"/v1/melodies/{melody}"),
        ("GET", f"/v1/melodies/{melody}.mid"),
        ("PUT", f"/v1/melodies/{melody}/favourite"),
        ("DELETE", f"/v1/melodies/{melody}/favourite"),
    ]:
        problem(http.request(method, path, headers=other_owner), 404, "melody_not_found")
    assert http.get("/v1/jobs", headers=other_owner).json()["items"] == []
    assert key[:10] in run_key_command(stack, "list")
    run_key_command(stack, "revoke", key[:10])
    while http.get("/v1/jobs", headers=other_owner).is_success:
        pass  # the gateway caches keys for a second
    problem(http.get("/v1/jobs", headers=other_owner), 401, "unauthenticated")


def test_a_finished_job_cannot_be_cancelled(http: httpx.Client) -> None:
    job = post_generation(http, bars=1)
    while http.get(f"/v1/jobs/{job['id']}").json()["state"] != "succeeded":
        pass
    problem(http.post(f"/v1/jobs/{job['id']}/cancel"), 409, "conflict")


def test_a_position_after_the_last_event_restarts_the_stream(
    http: httpx.Client,
) -> None:
    job = post_generation(http, bars=1)
    events = list(sse_events(http, job["id"]))
    epoch, last = events[-1]["epoch"], events[-1]["seq"]
    resync, *rest = sse_events(http, job["id"], after=f"{epoch}:{last + 1}")
    assert resync["kind"] == "resync_required"
    assert rest == events
    assert list(sse_events(http, job["id"], after=f"{epoch}:{last}")) == []


def test_unknown_paths_methods_ids_and_cursors_are_problems(http: httpx.Client) -> None:
    problem(http.get("/v1/nothing"), 404, "route_not_found")
    response = http.delete("/v1/jobs")
    problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET"
    problem(http.get("/v1/jobs/seven"), 422, "invalid_request")
    problem(http.get("/v1/jobs", params={"cursor": "x"}), 422, "invalid_request")
    problem(http.get("/v1/jobs", params={"limit": 0}), 422, "invalid_request")
    job = post_generation(http, bars=1)
    for cursor in ("x", "²", "9" * 5000):
        response = http.get(f"/v1/jobs/{job['id']}/melodies", params={"cursor": cursor})
        problem(response, 422, "invalid_request")
        response = http.get(f"/v1/jobs/{job['id']}/events", params={"after": f"e:{cursor}"})
        problem(response, 422, "invalid_request")
    response = http.get(f"/v1/melodies/{'0' * 32}.mid")
    problem(response, 404, "melody_not_found")
