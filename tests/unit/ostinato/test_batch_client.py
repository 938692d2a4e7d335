"""The requests of the client's methods for batches."""

import io
import json
import os
from threading import Thread

import pytest

from ostinato import ApiError, BatchLine, BatchParameters, BatchRequest, Client, GenerationRequest
from ostinato.schemas.batches import BatchItemError, InvalidLines
from ostinato.schemas.jobs import JobError, JobState
from tests.unit.ostinato.batch_payloads import BATCH_ID, a_batch
from tests.unit.ostinato.payloads import a_summary, page, problem
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

BATCH_PATH = f"/v1/batches/{BATCH_ID}"


@pytest.fixture
def batch_server(server: ScriptedServer) -> ScriptedServer:
    server.script("/v1/batches", a_batch(JobState.QUEUED).model_dump_json())
    return server


def test_a_request_with_a_count_is_sent_as_json_with_a_key(
    batch_server: ScriptedServer, client: Client
) -> None:
    request = BatchRequest(request=GenerationRequest(bars=2), count=5, metadata={"a": "b"})
    assert client.submit_batch(request) == a_batch(JobState.QUEUED)
    assert BatchRequest.model_validate_json(batch_server.bodies[0]) == request
    headers = batch_server.requests[0].headers
    assert headers["content-type"] == "application/json"
    assert headers["idempotency-key"]


def test_lines_are_sent_with_their_parameters(batch_server: ScriptedServer, client: Client) -> None:
    lines = [BatchLine(custom_id="a", bars=4), BatchLine(custom_id="b", seed=7)]
    parameters = BatchParameters(metadata={"project": "album"}, deadline_seconds=60)
    client.submit_batch_lines(
        iter(lines), parameters, invalid_lines=InvalidLines.REPORT, idempotency_key="mine"
    )
    sent = [json.loads(line) for line in batch_server.bodies[0].splitlines()]
    assert sent == [{"custom_id": "a", "bars": 4}, {"custom_id": "b", "seed": 7}]
    [request] = batch_server.requests
    assert request.headers["content-type"] == "application/x-ndjson"
    assert request.headers["idempotency-key"] == "mine"
    query = dict(request.query_params)
    assert json.loads(query.pop("metadata")) == {"project": "album"}
    assert query == {"invalid_lines": "report", "deadline_seconds": "60"}


def test_a_file_of_lines_is_sent_again_with_the_same_key_after_a_lost_connection(
    server: ScriptedServer, client: Client
) -> None:
    lost = ScriptedResponse(body="{", ending="cut")
    server.script("/v1/batches", lost, a_batch().model_dump_json())
    assert client.submit_batch_lines(io.BytesIO(b'{"bars": 1}\n')) == a_batch()
    assert server.bodies == [b'{"bars": 1}\n'] * 2
    first, second = (request.headers["idempotency-key"] for request in server.requests)
    assert first == second


def test_a_pipe_of_lines_is_sent(batch_server: ScriptedServer, client: Client) -> None:
    lines = b'{"bars": 1}\n' * 50_000
    reader, writer = os.pipe()

    def write() -> None:
        with open(writer, "wb") as target:  # noqa: PTH123 - a descriptor
            target.write(lines)

    thread = Thread(target=write)
    thread.start()
    with open(reader, "rb") as source:  # noqa: PTH123 - a descriptor
        client.submit_batch_lines(source)
    thread.join()
    assert batch_server.bodies == [lines]


def test_batches_their_errors_and_melodies_are_listed(
    server: ScriptedServer, client: Client
) -> None:
    error = JobError(code="poison", detail="The worker crashed.")
    failed = BatchItemError(index=3, custom_id="c", error=error)
    server.script("/v1/batches", page(a_batch(), cursor="next"), page(a_batch(failed=1)))
    server.script(f"{BATCH_PATH}/errors", page(failed))
    server.script(f"{BATCH_PATH}/melodies", page(a_summary()))
    assert list(client.batches()) == [a_batch(), a_batch(failed=1)]
    assert list(client.batch_errors(BATCH_ID)) == [failed]
    assert list(client.batch_melodies(BATCH_ID)) == [a_summary()]


def test_a_batch_is_followed_to_its_end_across_an_outage(
    server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ostinato.transport.RETRY_SECONDS", 0.0)
    done = a_batch(JobState.SUCCEEDED, succeeded=5)
    restarting = problem(502, "bad_gateway", "Restarting.")
    server.script(BATCH_PATH, a_batch().model_dump_json(), restarting, done.model_dump_json())
    assert list(client.follow_batch(BATCH_ID)) == [a_batch(), done]
    server.script(BATCH_PATH, restarting, done.model_dump_json())
    assert client.wait_for_batch(BATCH_ID) == done


def test_a_batch_is_paused_resumed_cancelled_and_retried(
    server: ScriptedServer, client: Client
) -> None:
    actions = {
        "pause": client.pause_batch,
        "resume": client.resume_batch,
        "cancel": client.cancel_batch,
        "retry": client.retry_batch,
    }
    lost = ScriptedResponse(body="{", ending="cut")
    for action, call in actions.items():
        server.script(f"{BATCH_PATH}/{action}", lost, a_batch().model_dump_json())
        assert call(BATCH_ID) == a_batch()
    keys = [request.headers["idempotency-key"] for request in server.requests]
    assert keys[::2] == keys[1::2]
    assert len(set(keys)) == len(actions)


def test_a_part_of_the_archive_is_downloaded(server: ScriptedServer, client: Client) -> None:
    lost = ScriptedResponse(body=b"PK incomplete", ending="cut")
    server.script(f"{BATCH_PATH}/archive.zip", lost, b"PK")
    target = io.BytesIO()
    client.download_batch(BATCH_ID, target, after=99, limit=10)
    assert target.getvalue() == b"PK"
    assert dict(server.requests[-1].query_params) == {"after": "99", "limit": "10"}


def test_an_archive_of_an_unknown_batch_is_an_error(server: ScriptedServer, client: Client) -> None:
    unknown = problem(404, "batch_not_found", "There is no batch.")
    server.script(f"{BATCH_PATH}/archive.zip", unknown)
    with pytest.raises(ApiError, match="no batch"):
        client.download_batch(BATCH_ID, io.BytesIO())
