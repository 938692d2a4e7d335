"""Bad input gets a typed answer that says what to do, and nothing is lost by it."""

import io
import json
import zipfile
from collections.abc import Iterator
from http.client import HTTPConnection

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato import GenerationRequest
from tests.conftest import client_of
from tests.tunes import tune, zipped
from tests.wire import melody_of, new_key, post_job, raw_http, run_keys, server_sent

GENERATIONS = "/v1/generations"


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    """The problem that an answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"]
    return body


def test_an_unknown_model_is_404_with_the_list(http: httpx.Client) -> None:
    body = problem(http.post(GENERATIONS, json={"model": "v99"}), 404, "model_not_found")
    assert "mini" in str(body["models"])


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
        ({"colour": "red"}, "colour", "not permitted"),
    ],
)
def test_a_parameter_out_of_range_is_422_with_field_and_range(
    http: httpx.Client, fields: dict[str, object], field: str, words: str
) -> None:
    answer = http.post(GENERATIONS, json={"model": "mini", **fields})
    body = problem(answer, 422, "invalid_request")
    assert body["field"] == field
    assert words in str(body["detail"])


def test_more_bars_than_the_model_writes_is_422(http: httpx.Client) -> None:
    most = http.get("/v1/models").json()["items"][0]["capabilities"]["max_bars"]
    answer = http.post(GENERATIONS, json={"model": "mini", "bars": most + 1})
    body = problem(answer, 422, "invalid_request")
    assert (body["field"], body["maximum"]) == ("bars", most)


def newest_job(http: httpx.Client) -> list[str]:
    return [job["id"] for job in http.get("/v1/jobs", params={"limit": 1}).json()["items"]]


def chunks(size: int) -> Iterator[bytes]:
    """A body whose length nobody announces."""
    yield b'{"model": "'
    for _ in range(size // 1000):
        yield b"x" * 1000


@pytest.mark.parametrize(
    ("path", "cap"),
    [(GENERATIONS, 1_000_000), ("/v1/generations/batch", 10_000_000), ("/v1/primers", 2_000_000)],
)
def test_a_body_over_the_cap_of_its_route_is_413_announced_or_not(
    http: httpx.Client, path: str, cap: int
) -> None:
    headers = {"Content-Type": "application/json"}
    body = problem(
        http.post(path, content=b" " * (cap + 1), headers=headers), 413, "body_too_large"
    )
    assert body["cap"] == cap
    problem(http.post(path, content=chunks(cap + 1000), headers=headers), 413, "body_too_large")


def test_a_zip_over_its_cap_is_413_before_any_of_it_is_sent(house: Stack) -> None:
    connection = HTTPConnection(house.url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/v1/datasets?name=x")
    connection.putheader("Content-Length", "512000001")
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["cap"]) == (413, 512_000_000)
    connection.close()


def test_a_broken_zip_is_422_and_a_good_one_is_kept(http: httpx.Client) -> None:
    answer = http.post("/v1/datasets", params={"name": "tunes"}, content=b"no zip")
    problem(answer, 422, "invalid_archive")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("tune.mid", b"MThd")
    kept = http.post("/v1/datasets", params={"name": "tunes"}, content=file.getvalue())
    assert kept.status_code == 201
    assert kept.json()["files"] == 1
    [listed] = http.get("/v1/datasets").json()["items"]
    assert listed["id"] == kept.json()["id"]
    problem(http.post("/v1/datasets", params={"name": "../x"}), 422, "invalid_request")


@pytest.mark.parametrize(
    "data", [b"", b"not midi at all", b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\xff\xff\0\x90"]
)
def test_a_broken_primer_is_422_and_says_what_is_broken(http: httpx.Client, data: bytes) -> None:
    problem(http.post("/v1/primers", content=data), 422, "invalid_midi")


def test_a_primer_longer_than_a_model_reads_is_422(http: httpx.Client) -> None:
    header = b"MThd\0\0\0\6\0\0\0\1\0\1"  # one tick a quarter
    track = b"\x88\x04\x90\x3c\x40\1\x80\x3c\x40\0\xff\x2f\0"  # a note after 257 bars
    data = header + b"MTrk" + len(track).to_bytes(4, "big") + track
    answer = http.post("/v1/primers", content=data)
    assert "256 bars" in str(problem(answer, 422, "invalid_midi")["detail"])


def test_an_unknown_primer_is_404(http: httpx.Client) -> None:
    primer_id = "01890000-0000-7000-8000-000000000000"
    answer = http.post(GENERATIONS, json={"model": "mini", "primer_id": primer_id})
    problem(answer, 404, "primer_not_found")


def test_the_same_key_with_another_body_is_422_and_with_the_same_the_same_job(
    http: httpx.Client,
) -> None:
    headers = {"Idempotency-Key": "bad-input-1"}
    first = http.post(GENERATIONS, json={"model": "mini", "bars": 1}, headers=headers)
    again = http.post(GENERATIONS, json={"model": "mini", "bars": 1}, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    other = http.post(GENERATIONS, json={"model": "mini", "bars": 2}, headers=headers)
    problem(other, 422, "idempotency_mismatch")


def test_a_batch_key_stands_for_the_whole_body_and_no_other_key(http: httpx.Client) -> None:
    path, headers = "/v1/generations/batch", {"Idempotency-Key": "bad-input-2"}
    line = b'{"model":"mini","bars":1}\n'
    first = http.post(path, content=2 * line, headers=headers)
    again = http.post(path, content=2 * line, headers=headers)
    ids = [job["id"] for job in first.json()["items"]]
    assert [job["id"] for job in again.json()["items"]] == ids
    for body in (line, 3 * line):
        answer = http.post(path, content=body, headers=headers)
        problem(answer, 422, "idempotency_mismatch")
    for key in ("bad-input-2", "bad-input-2#1"):
        request = {"model": "mini", "bars": 1}
        single = http.post(GENERATIONS, json=request, headers={"Idempotency-Key": key})
        assert single.json()["id"] not in ids


def test_a_replay_at_the_quota_is_the_old_job(own_house: Stack) -> None:
    own_house.start("gateway", OSTINATO_MAX_UNFINISHED_MELODIES="5")
    own_house.wait_ready()
    own_house.stop("worker")
    body, headers = {"model": "mini", "bars": 1, "count": 5}, {"Idempotency-Key": "at-the-quota"}
    with raw_http(own_house) as http:
        first = http.post(GENERATIONS, json=body, headers=headers)
        refused = http.post(GENERATIONS, json={"model": "mini"})
        assert problem(refused, 429, "too_many_requests")["retry_after"]
        assert refused.headers["retry-after"]
        again = http.post(GENERATIONS, json=body, headers=headers)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])


def test_errands_over_the_quota_are_429(own_house: Stack) -> None:
    quotas = ("OSTINATO_MAX_UNFINISHED_READINGS", "OSTINATO_MAX_UNFINISHED_EVALUATIONS")
    own_house.start("gateway", **dict.fromkeys(quotas, "0"))
    own_house.wait_ready()
    with raw_http(own_house) as http, client_of(own_house) as client:
        job = client.wait(client.generate(GenerationRequest(model="mini", bars=1)).id)
        refused = http.post("/v1/evaluations", json={"job_id": str(job.id)})
        assert problem(refused, 429, "too_many_requests")["retry_after"]
        music = zipped({"a.mid": tune(1)}).read()
        refused = http.post("/v1/datasets", params={"name": "x"}, content=music)
        assert problem(refused, 429, "too_many_requests")["retry_after"]
        assert http.get("/v1/datasets").json()["items"] == []


def test_a_wrong_line_refuses_the_whole_batch_and_is_named(http: httpx.Client) -> None:
    before = newest_job(http)
    answer = http.post("/v1/generations/batch", content=b'{"model":"mini"}\n\n{"bars":0}')
    assert problem(answer, 422, "invalid_request")["line"] == 3
    assert newest_job(http) == before
    problem(http.post("/v1/generations/batch", content=b"\n\n"), 422, "invalid_request")


@pytest.mark.parametrize("header", ["", "Bearer ost_wrong", "Basic abc"])
def test_no_key_or_a_wrong_one_is_401(http: httpx.Client, header: str) -> None:
    answer = http.get("/v1/jobs", headers={"Authorization": header})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_somebody_elses_job_and_melody_are_404(house: Stack, http: httpx.Client) -> None:
    job = post_job(http, bars=1)
    key = new_key(house, "stranger")
    stranger = {"Authorization": f"Bearer {key}"}
    for method, path in [
        ("GET", f"/v1/jobs/{job['id']}"),
        ("GET", f"/v1/jobs/{job['id']}/melodies"),
        ("GET", f"/v1/jobs/{job['id']}/archive.zip"),
        ("POST", f"/v1/jobs/{job['id']}/cancel"),
    ]:
        problem(http.request(method, path, headers=stranger), 404, "job_not_found")
    melody = melody_of(http, job["id"])
    for method, path in [
        ("GET", f"/v1/melodies/{melody}"),
        ("GET", f"/v1/melodies/{melody}.mid"),
        ("PUT", f"/v1/melodies/{melody}/favourite"),
        ("DELETE", f"/v1/melodies/{melody}/favourite"),
    ]:
        problem(http.request(method, path, headers=stranger), 404, "melody_not_found")
    assert http.get("/v1/jobs", headers=stranger).json()["items"] == []
    assert key[:10] in run_keys(house, "list")
    run_keys(house, "revoke", key[:10])
    problem(http.get("/v1/jobs", headers=stranger), 401, "unauthenticated")


def test_a_finished_job_cannot_be_cancelled(http: httpx.Client) -> None:
    job = post_job(http, bars=1)
    while http.get(f"/v1/jobs/{job['id']}").json()["state"] != "succeeded":
        pass
    problem(http.post(f"/v1/jobs/{job['id']}/cancel"), 409, "conflict")


def test_a_place_behind_the_last_event_is_told_again_and_the_last_one_is_the_end(
    http: httpx.Client,
) -> None:
    job = post_job(http, bars=1)
    whole = list(server_sent(http, job["id"]))
    epoch, last = whole[-1]["epoch"], whole[-1]["seq"]
    resync, *rest = server_sent(http, job["id"], after=f"{epoch}:{last + 1}")
    assert resync["kind"] == "resync_required"
    assert rest == whole
    assert list(server_sent(http, job["id"], after=f"{epoch}:{last}")) == []


def test_wrong_paths_methods_ids_and_cursors_are_problems(http: httpx.Client) -> None:
    problem(http.get("/v1/nothing"), 404, "route_not_found")
    wrong = http.delete("/v1/jobs")
    problem(wrong, 405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET"
    problem(http.get("/v1/jobs/seven"), 422, "invalid_request")
    problem(http.get("/v1/jobs", params={"cursor": "x"}), 422, "invalid_request")
    problem(http.get("/v1/jobs", params={"limit": 0}), 422, "invalid_request")
    job = post_job(http, bars=1)
    for cursor in ("x", "²", "9" * 5000):
        answer = http.get(f"/v1/jobs/{job['id']}/melodies", params={"cursor": cursor})
        problem(answer, 422, "invalid_request")
        answer = http.get(f"/v1/jobs/{job['id']}/events", params={"after": f"e:{cursor}"})
        problem(answer, 422, "invalid_request")
    answer = http.get(f"/v1/melodies/{'0' * 32}.mid")
    problem(answer, 404, "melody_not_found")
