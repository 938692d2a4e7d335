"""The main job, from a request over HTTP to a MIDI file, on everything that runs in production."""

import io
import zipfile

import httpx
import pytest

from deploy.local.stack import Stack
from ostinato.client import Client
from ostinato.schemas.generations import GenerationRequest, Priority, Sampling
from ostinato.schemas.jobs import JobState
from ostinato.schemas.notes import TICKS_PER_BAR
from shared.midi.meta import read_receipt
from shared.tokenizers.midi_file import read_midi, write_midi
from tests.wire import notes_heard, post_job, server_sent

REQUEST = GenerationRequest(model="mini", count=3, bars=4, tempo=96, instrument=40, seed=11)


def made(client: Client, request: GenerationRequest) -> list[bytes]:
    """The MIDI files of a job that must succeed."""
    job = client.wait(client.generate(request).id)
    assert job.state is JobState.SUCCEEDED, job
    return [client.midi(melody.id) for melody in client.melodies(job.id)]


def test_every_melody_is_there_and_as_asked(client: Client) -> None:
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
        assert (melody.lowest, melody.highest) == (min(pitches), max(pitches))


def test_a_file_says_how_to_make_it_again(client: Client) -> None:
    midi = made(client, REQUEST)[1]
    receipt = read_receipt(midi)
    version = next(iter(client.models()))
    assert receipt is not None
    assert receipt["model_sha256"] == version.sha256
    assert (receipt["model"], receipt["seed"], receipt["bars"]) == ("mini", 12, 4)
    again = REQUEST.model_copy(update={"seed": receipt["seed"], "count": 1})
    assert made(client, again) == [midi]


def test_the_same_seed_gives_the_same_bytes_alone_and_in_a_crowd(client: Client) -> None:
    alone = made(client, REQUEST)
    crowd = [client.generate(REQUEST.model_copy(update={"seed": seed})) for seed in range(90, 94)]
    assert made(client, REQUEST) == alone
    assert all(client.wait(job.id).state is JobState.SUCCEEDED for job in crowd)


def test_sampling_parameters_reach_the_engine(client: Client) -> None:
    greedy = REQUEST.model_copy(update={"sampling": Sampling(temperature=0)})
    first, *others = made(client, greedy)
    receipt = read_receipt(first)
    assert receipt is not None
    assert receipt["sampling"]["temperature"] == 0
    notes = read_midi(first)
    assert all(read_midi(other) == notes for other in others), "greedy ignores the seed"
    assert made(client, REQUEST)[0] != first


def test_the_notes_that_were_streamed_are_the_notes_of_the_file(
    client: Client, http: httpx.Client
) -> None:
    job = post_job(http, count=2, bars=4, seed=5)
    events = list(server_sent(http, job["id"]))
    for melody in client.melodies(job["id"]):
        assert notes_heard(events, melody.index) == [
            list(note) for note in client.melody(melody.id).notes
        ]
    bars = [event["bars"] for event in events if event["kind"] == "notes"]
    assert max(bars) == 4


def test_a_job_over_64_melodies_is_a_batch_and_comes_whole(client: Client) -> None:
    job = client.generate(GenerationRequest(model="mini", count=70, bars=1, seed=3))
    assert job.priority is Priority.BATCH
    done = client.wait(job.id)
    assert (done.state, done.succeeded) == (JobState.SUCCEEDED, 70)
    assert [melody.seed for melody in client.melodies(job.id)] == list(range(3, 73))


def test_the_archive_holds_every_file(client: Client, http: httpx.Client) -> None:
    job = client.wait(client.generate(REQUEST).id)
    answer = http.get(f"/v1/jobs/{job.id}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["00000-11.mid", "00001-12.mid", "00002-13.mid"]
        files = [archive.read(name) for name in archive.namelist()]
    assert files == [client.midi(melody.id) for melody in client.melodies(job.id)]


def test_a_melody_goes_on_where_its_primer_ends(client: Client) -> None:
    source = client.melody(next(iter(client.melodies())).id)
    midi = write_midi(source.notes, tempo=100, instrument=0, bars=source.bars)
    primer = client.primer(midi)
    request = GenerationRequest(model="mini", bars=2, seed=9, primer_id=primer.id)
    job = client.wait(client.generate(request).id)
    melody = client.melody(next(iter(client.melodies(job.id))).id)
    assert primer.notes == len(source.notes)
    assert melody.bars == primer.bars + 2
    end = primer.bars * TICKS_PER_BAR
    assert [note[:3] for note in melody.notes if note.start < end] == [
        note[:3] for note in source.notes
    ]
    assert any(note.start >= end for note in melody.notes)


def test_a_batch_of_lines_makes_a_job_each(client: Client, http: httpx.Client) -> None:
    lines = [REQUEST.model_copy(update={"seed": seed, "count": 1}) for seed in (1, 2)]
    body = "\n".join(line.model_dump_json() for line in lines)
    headers = {"Idempotency-Key": "lines-1", "Content-Type": "application/x-ndjson"}
    first = http.post("/v1/generations/batch", content=body, headers=headers)
    again = http.post("/v1/generations/batch", content=body, headers=headers)
    assert first.status_code == 202
    ids = [job["id"] for job in first.json()["items"]]
    assert ids == [job["id"] for job in again.json()["items"]]
    assert [client.wait(each).request.seed for each in ids] == [1, 2]


def test_cancelling_keeps_what_was_finished_and_ends_the_rest(client: Client) -> None:
    job = client.generate(GenerationRequest(model="mini", count=400, bars=16, seed=1))
    for event in client.events(job.id):
        if event.kind == "melody":
            break
    client.cancel(job.id)
    done = client.wait(job.id)
    assert done.state is JobState.CANCELLED
    assert done.succeeded + done.cancelled == 400
    assert done.succeeded > 0
    assert done.cancelled > 0
    assert len(list(client.melodies(job.id))) == done.succeeded


@pytest.mark.parametrize("endpoint", ["/healthz", "/readyz", "/metrics"])
def test_an_operator_needs_no_key(house: Stack, endpoint: str) -> None:
    assert httpx.get(house.url + endpoint, trust_env=False).status_code == 200
