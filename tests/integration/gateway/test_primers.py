"""Primers over HTTP: the same file is one primer, whenever it is uploaded."""

import asyncio
import hashlib
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from deploy.local.stack import Stack
from ostinato.schemas.generations import Primer
from ostinato.schemas.melodies import PrimerScore
from ostinato.schemas.notes import Bar, Note, TempoMark
from shared.db.database import Database
from shared.midi.container import Container, read_container
from shared.midi.events import NOTE_OFF, NOTE_ON, Event, write_events
from shared.midi.writer import time_signature_event, write_midi
from tests.support.midi import read_case
from tests.support.servers.gateway import gateway

NOTES = [Note(0, 480, 60, 80), Note(480, 960, 64, 90)]
PIANO = write_midi(NOTES, tempo=120, instrument=0, bars=1)
FLUTE = write_midi(NOTES, tempo=90, instrument=73, bars=1)
"""Another file, with the same notes."""
OTHER = write_midi(NOTES[:1], tempo=120, instrument=0, bars=1)


async def upload(http: httpx.AsyncClient, midi: bytes, **bars: int) -> Primer:
    response = await http.post("/v1/primers", content=midi, params=bars)
    assert response.status_code == 201, response.text
    return Primer.model_validate(response.json())


async def test_the_same_file_is_one_primer_of_an_owner(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http:
        first, second, flute = await asyncio.gather(
            *(upload(http, midi) for midi in (PIANO, PIANO, FLUTE))
        )
        other = await upload(http, OTHER)
    assert first == second
    assert len({first.id, flute.id, other.id}) == 3
    assert len({first.midi_sha256, flute.midi_sha256, other.midi_sha256}) == 3


async def test_another_owner_has_a_primer_of_their_own(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http, gateway(backends, uuid4().hex) as other:
        mine, theirs = await upload(http, PIANO), await upload(other, PIANO)
    assert mine.id != theirs.id
    assert mine.midi_sha256 == theirs.midi_sha256


async def test_some_bars_of_a_file_are_a_primer(backends: Stack) -> None:
    notes = [Note(bar * 1920, 1920 + 480 * (bar == 2), 60 + bar, 80) for bar in range(4)]
    midi = write_midi(notes, tempo=120, instrument=0, bars=4)
    async with gateway(backends, uuid4().hex) as http:
        part = await upload(http, midi, from_bar=1, to_bar=2)
        whole = await upload(http, midi)
        again = await upload(http, midi, from_bar=1, to_bar=2)
    assert (part.from_bar, part.bars, part.num_notes) == (1, 2, 2)
    assert (whole.from_bar, whole.bars) == (0, 4)
    assert (part.id == again.id, part.id == whole.id) == (True, False)


@pytest.mark.parametrize("query", ["from_bar=1", "from_bar=3&to_bar=2", "from_bar=9", "to_bar=1"])
async def test_bars_that_a_file_lacks_are_refused(backends: Stack, query: str) -> None:
    async with gateway(backends, uuid4().hex) as http:
        response = await http.post(f"/v1/primers?{query}", content=PIANO)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert "the file has 1 bars, numbered from 0" in response.json()["detail"]


async def test_a_long_file_can_be_cut(backends: Stack) -> None:
    notes = [Note(bar * 1920, 480, 60, 80) for bar in range(300)]
    midi = write_midi(notes, tempo=120, instrument=0, bars=300)
    async with gateway(backends, uuid4().hex) as http:
        response = await http.post("/v1/primers", content=midi)
        assert "name its bars: from_bar, to_bar" in response.json()["detail"]
        assert (await upload(http, midi, from_bar=100)).bars == 200


async def test_a_score_in_abc_is_a_primer(backends: Stack) -> None:
    tune = b"X:1\nT:A tune\nM:4/4\nL:1/8\nK:C\nCDEF GABc|\n"
    async with gateway(backends, uuid4().hex) as http:
        primer = await upload(http, tune)
    assert (primer.num_notes, primer.bars) == (8, 1)


async def test_the_tracks_of_a_file_are_named(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http:
        primer = await upload(http, read_case("band8.mid"))
    assert [(track.name, track.is_drum, track.num_notes) for track in primer.tracks] == [
        *[("Piano", False, 96), ("Bass", False, 32), ("Strings", False, 16), ("Drums", True, 64)]
    ]
    assert (primer.num_notes, primer.bars, primer.track) == (96 + 32 + 16 + 64, 8, 0)


@pytest.mark.parametrize("name", ["ascii.mid", "crlf.mid", "zeros.mid", "song.rmi"])
async def test_what_surrounds_a_file_does_not_matter(backends: Stack, name: str) -> None:
    async with gateway(backends, uuid4().hex) as http:
        plain, found = (
            await upload(http, read_case("plain.mid")),
            await upload(http, read_case(name)),
        )
    assert (found.id, found.bars) == (plain.id, 4)


@pytest.mark.parametrize("name", ["released-late.mid", "released-40-late.mid", "pad4bars.mid"])
async def test_a_late_release_begins_no_bar(backends: Stack, name: str) -> None:
    async with gateway(backends, uuid4().hex) as http:
        assert (await upload(http, read_case(name))).bars == 4


async def test_the_rest_at_the_end_is_a_part_of_a_primer(backends: Stack) -> None:
    with_rest = write_midi(NOTES, tempo=120, instrument=0, bars=3)
    async with gateway(backends, uuid4().hex) as http:
        short, long, again = [await upload(http, midi) for midi in (PIANO, with_rest, with_rest)]
    assert (short.bars, long.bars) == (1, 3)
    assert short.id != long.id
    assert long == again


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gz.mid", "a gzip file"),
        ("page.mid", "a page"),
    ],
)
async def test_a_refused_file_says_why(backends: Stack, name: str, words: str) -> None:
    async with gateway(backends, uuid4().hex) as http:
        response = await http.post("/v1/primers", content=read_case(name))
    assert (response.status_code, response.json()["code"]) == (422, "invalid_midi")
    assert words in response.json()["detail"]


async def test_a_bar_that_is_cut_short_is_refused(backends: Stack) -> None:
    signature = time_signature_event(3, 4)._replace(tick=6 * 480)
    note = (Event(0, NOTE_ON, b"\x3c\x50"), Event(8 * 480, NOTE_OFF, b"\x3c\x00"))
    body = write_events([note[0], signature, note[1]])
    midi = Container(division=480, tracks=(body,)).to_bytes()
    async with gateway(backends, uuid4().hex) as http:
        response = await http.post("/v1/primers", content=midi)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_midi")
    words = "Bar 2, counted from 1, is in 4/4, and a time signature begins before its end"
    assert words in response.json()["detail"]


@pytest.mark.parametrize(
    ("name", "metres"),
    [
        ("waltz8.mid", ("3/4",)),
        ("six-eight8.mid", ("6/8",)),
        ("seven-eight8.mid", ("7/8",)),
        ("change.mid", ("4/4", "7/8")),
    ],
)
async def test_the_time_signatures_of_a_file_are_named(
    backends: Stack, name: str, metres: tuple[str, ...]
) -> None:
    async with gateway(backends, uuid4().hex) as http:
        assert (await upload(http, read_case(name))).time_signatures == metres


async def read_score(http: httpx.AsyncClient, primer: Primer) -> PrimerScore:
    response = await http.get(f"/v1/primers/{primer.id}/score")
    assert response.status_code == 200, response.text
    return PrimerScore.model_validate(response.json())


async def test_the_score_of_a_primer_has_all_tracks_bars_and_tempos(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http:
        band = await upload(http, read_case("band8.mid"))
        score = await read_score(http, band)
        waltz = await read_score(http, await upload(http, read_case("waltz8.mid")))
        flute = await read_score(http, await upload(http, FLUTE))
        slow = await read_score(http, await upload(http, read_case("rit72.mid")))
    tracks = [(it.name, it.program, it.is_drum, len(it.notes)) for it in score.tracks]
    assert tracks == [(it.name, it.program, it.is_drum, it.num_notes) for it in band.tracks]
    assert (score.track, len(score.bar_positions)) == (band.track, band.bars)
    assert waltz.bar_positions == [Bar(bar * 1440, 1440, 3, 4) for bar in range(8)]
    assert (flute.tempos, flute.tracks[0].notes) == ([TempoMark(0, 90)], NOTES)
    assert len(slow.tempos) > 1


async def test_the_score_of_a_primer_of_an_earlier_release_is_one_track(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http:
        primer = await upload(http, FLUTE)
        database = Database(backends.database_url, pool_size=1)
        async with database.transaction() as connection:
            await connection.execute(
                text("UPDATE primers SET midi = NULL, tracks = NULL WHERE id = :id"),
                {"id": primer.id},
            )
        await database.close()
        score = await read_score(http, primer)
    assert [track.notes for track in score.tracks] == [NOTES]


async def test_the_file_of_a_primer_has_the_bytes_of_its_tracks(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http:
        primer = await upload(http, read_case("band8.mid"))
        response = await http.get(f"/v1/primers/{primer.id}.mid")
    assert hashlib.sha256(response.content).hexdigest() == primer.midi_sha256
    assert response.headers["content-type"] == "audio/midi"
    assert read_container(response.content).tracks == read_container(read_case("band8.mid")).tracks


@pytest.mark.parametrize("what", ["/score", ".mid"])
async def test_only_its_owner_reads_a_primer(backends: Stack, what: str) -> None:
    async with gateway(backends, uuid4().hex) as http, gateway(backends, uuid4().hex) as other:
        primer = await upload(http, PIANO)
        response = await other.get(f"/v1/primers/{primer.id}{what}")
    assert (response.status_code, response.json()["code"]) == (404, "primer_not_found")
