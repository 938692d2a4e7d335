"""Generation from the HTTP request to the MIDI file, on the whole stack."""

import hashlib
import io
import json
import zipfile
from uuid import UUID

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.errors import ApiError
from ostinato.schemas.generations import GenerationRequest, Priority, Sampling
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import TICKS_PER_BAR
from shared.midi.receipt import read_receipt
from shared.midi.writer import write_midi
from tests.support.http_api import create_api_key, notes_of, post_generation, sse_events
from tests.support.midi import random_midi, read_midi

REQUEST = GenerationRequest(model="mini", count=3, bars=4, tempo=96, instrument=40, seed=11)


def generate(client: Client, request: GenerationRequest) -> list[bytes]:
    """The MIDI files of a job, which must succeed."""
    job = client.wait(client.generate(request).id)
    assert job.state is JobState.SUCCEEDED, job
    return [client.midi(melody.id) for melody in client.melodies(job.id)]


def test_every_melody_has_the_requested_properties(client: Client) -> None:
    job = client.wait(client.generate(REQUEST).id)
    melodies = list(client.melodies(job.id))
    assert [melody.index for melody in melodies] == [0, 1, 2]
    assert [melody.seed for melody in melodies] == [11, 12, 13]
    for summary in melodies:
        melody, midi = client.melody(summary.id), client.midi(summary.id)
        assert read_midi(midi) == melody.notes
        assert melody.bars == 4
        assert all(note.start + note.duration <= 4 * TICKS_PER_BAR for note in melody.notes)
        assert melody.num_notes == len(melody.notes) > 0
        pitches = [note.pitch for note in melody.notes]
        assert (melody.lowest_pitch, melody.highest_pitch) == (min(pitches), max(pitches))


def test_the_receipt_in_a_file_regenerates_it(client: Client) -> None:
    midi = generate(client, REQUEST)[1]
    receipt = read_receipt(midi)
    version = next(iter(client.models()))
    assert receipt is not None
    assert receipt["model_sha256"] == version.sha256
    assert (receipt["model"], receipt["seed"], receipt["bars"]) == ("mini", 12, 4)
    request = REQUEST.model_copy(update={"seed": receipt["seed"], "count": 1})
    assert generate(client, request) == [midi]


def test_a_seed_gives_the_same_bytes_alone_and_beside_other_jobs(client: Client) -> None:
    alone = generate(client, REQUEST)
    other_jobs = [
        client.generate(REQUEST.model_copy(update={"seed": seed})) for seed in range(90, 94)
    ]
    assert generate(client, REQUEST) == alone
    assert all(client.wait(job.id).state is JobState.SUCCEEDED for job in other_jobs)


def test_sampling_parameters_change_the_result(client: Client) -> None:
    greedy = REQUEST.model_copy(update={"sampling": Sampling(temperature=0)})
    first, *others = generate(client, greedy)
    receipt = read_receipt(first)
    assert receipt is not None
    assert receipt["sampling"]["temperature"] == 0
    notes = read_midi(first)
    assert all(read_midi(other) == notes for other in others), "greedy ignores the seed"
    assert generate(client, REQUEST)[0] != first


def test_the_streamed_notes_equal_those_of_the_melody(client: Client, http: httpx.Client) -> None:
    job = post_generation(http, count=2, bars=4, seed=5)
    events = list(sse_events(http, job["id"]))
    for melody in client.melodies(job["id"]):
        assert notes_of(events, melody.index) == [
            list(note) for note in client.melody(melody.id).notes
        ]
    bars = [event["bars"] for event in events if event["kind"] == "notes"]
    assert max(bars) == 4


def test_a_job_of_more_than_64_melodies_is_a_batch(client: Client) -> None:
    job = client.generate(GenerationRequest(model="mini", count=70, bars=1, seed=3))
    assert job.priority is Priority.BATCH
    finished = client.wait(job.id)
    assert (finished.state, finished.succeeded) == (JobState.SUCCEEDED, 70)
    assert [melody.seed for melody in client.melodies(job.id)] == list(range(3, 73))


def test_the_archive_contains_every_file(client: Client, http: httpx.Client) -> None:
    job = client.wait(client.generate(REQUEST).id)
    response = http.get(f"/v1/jobs/{job.id}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        *names, manifest = archive.namelist()
        assert names == ["00000-11.mid", "00001-12.mid", "00002-13.mid"]
        files = [archive.read(name) for name in names]
        lines = [json.loads(line) for line in archive.read(manifest).splitlines()]
    assert [(line["file"], line["sha256"]) for line in lines] == [
        (name, hashlib.sha256(file).hexdigest()) for name, file in zip(names, files, strict=True)
    ]
    assert files == [client.midi(melody.id) for melody in client.melodies(job.id)]


def test_a_melody_continues_its_primer(client: Client) -> None:
    source = client.melody(next(iter(client.melodies())).id)
    midi = write_midi(source.notes, tempo=100, instrument=0, bars=source.bars)
    primer = client.upload_primer(midi)
    request = GenerationRequest(model="mini", bars=2, seed=9, primer_id=primer.id)
    job = client.wait(client.generate(request).id)
    melody = client.melody(next(iter(client.melodies(job.id))).id)
    assert primer.num_notes == len(source.notes)
    assert melody.bars == primer.bars + 2
    end = primer.bars * TICKS_PER_BAR
    assert [note[:3] for note in melody.notes if note.start < end] == [
        note[:3] for note in source.notes
    ]
    assert any(note.start >= end for note in melody.notes)


def test_the_same_primer_gives_the_same_bytes_for_every_owner(client: Client, stack: Stack) -> None:
    midi = random_midi(1, num_notes=8)
    files = set()
    for _ in range(2):
        request = GenerationRequest(
            model="mini", bars=1, seed=9, primer_id=client.upload_primer(midi).id
        )
        files.update(generate(client, request))
    [file] = files
    receipt = read_receipt(file)
    assert receipt is not None
    assert receipt["primer_sha256"] == client.upload_primer(midi).midi_sha256
    with Client(stack.url, create_api_key(stack, "another")) as other:
        with pytest.raises(ApiError, match="no primer whose file") as missing:
            other.reproduce(file)
        assert missing.value.code == "primer_not_found"
        other.upload_primer(midi)
        job = other.wait(other.reproduce(file).id)
        assert [other.midi(melody.id) for melody in other.melodies(job.id)] == [file]


def test_each_line_of_a_batch_is_an_item_of_one_job(client: Client, http: httpx.Client) -> None:
    lines = [REQUEST.model_copy(update={"seed": seed, "count": 1}) for seed in (1, 2)]
    body = "\n".join(line.model_dump_json() for line in lines)
    headers = {"Idempotency-Key": "lines-1", "Content-Type": "application/x-ndjson"}
    first = http.post("/v1/batches", content=body, headers=headers)
    again = http.post("/v1/batches", content=body, headers=headers)
    assert (first.status_code, again.json()["id"]) == (202, first.json()["id"])
    batch_id = UUID(first.json()["id"])
    states = [event.state for event in client.events(batch_id) if event.kind == "job"]
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.SUCCEEDED]
    melodies = http.get(f"/v1/batches/{batch_id}/melodies").json()["items"]
    assert [melody["seed"] for melody in melodies] == [1, 2]
    single = client.wait(client.generate(lines[0]).id)
    assert client.midi(next(iter(client.melodies(single.id))).id) == client.midi(
        UUID(melodies[0]["id"])
    )


def test_a_cancelled_job_keeps_its_finished_melodies(client: Client) -> None:
    job = client.generate(GenerationRequest(model="mini", count=400, bars=16, seed=1))
    for event in client.events(job.id):
        if event.kind == "melody":
            break
    client.cancel(job.id)
    finished = client.wait(job.id)
    assert finished.state is JobState.CANCELLED
    assert finished.succeeded + finished.cancelled == 400
    assert finished.succeeded > 0
    assert finished.cancelled > 0
    whole = [melody for melody in client.melodies(job.id) if not melody.partial]
    assert len(whole) == finished.succeeded


def test_a_melody_that_was_stopped_keeps_the_bars_that_were_written(
    client: Client, http: httpx.Client
) -> None:
    job = client.generate(GenerationRequest(model="mini", count=8, bars=48, seed=1))
    kept: dict[int, UUID] = {}
    is_cancelled = False
    for event in client.events(job.id):
        if event.kind == "notes" and event.bars >= 2 and not is_cancelled:
            client.cancel(job.id)
            is_cancelled = True
        elif event.kind == "melody" and event.partial:
            kept[event.melody] = event.id
    stopped = client.job(job.id)
    assert (stopped.state, stopped.succeeded, stopped.cancelled) == (JobState.CANCELLED, 0, 8)
    assert stopped.cancel_seconds is not None
    melody = client.melody(next(iter(kept.values())))
    assert melody.partial
    assert 2 <= melody.bars < 48
    midi = client.midi(melody.id)
    assert read_midi(midi) == melody.notes
    assert max(note.start + note.duration for note in melody.notes) <= melody.bars * TICKS_PER_BAR
    whole = generate(client, GenerationRequest(model="mini", bars=48, seed=melody.seed))[0]
    end = melody.bars * TICKS_PER_BAR
    assert [note[0] for note in read_midi(whole) if note.start < end] == [
        note[0] for note in melody.notes
    ]
    response = http.post("/v1/reproduce", content=midi, headers={"Content-Type": "audio/midi"})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_midi")
    assert f"first {melody.bars} bars" in response.json()["detail"]


@pytest.mark.parametrize("endpoint", ["/healthz", "/readyz", "/metrics"])
def test_health_and_metrics_need_no_key(stack: Stack, endpoint: str) -> None:
    assert httpx.get(stack.url + endpoint, trust_env=False).status_code == 200
