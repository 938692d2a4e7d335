"""Primers over HTTP: the same notes are one primer, whenever they are uploaded."""

import asyncio
from uuid import uuid4

import httpx

from deploy.local.stack import Stack
from ostinato.schemas.generations import Primer
from ostinato.schemas.notes import Note
from shared.midi.writer import write_midi
from tests.support.servers.gateway import gateway

NOTES = [Note(0, 480, 60, 80), Note(480, 960, 64, 90)]
PIANO = write_midi(NOTES, tempo=120, instrument=0, bars=1)
FLUTE = write_midi(NOTES, tempo=90, instrument=73, bars=1)
"""Another file with the same notes."""
OTHER = write_midi(NOTES[:1], tempo=120, instrument=0, bars=1)


async def upload(http: httpx.AsyncClient, midi: bytes) -> Primer:
    response = await http.post("/v1/primers", content=midi)
    assert response.status_code == 201, response.text
    return Primer.model_validate(response.json())


async def test_the_same_notes_are_one_primer_of_an_owner(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http:
        first, second, flute = await asyncio.gather(
            *(upload(http, midi) for midi in (PIANO, PIANO, FLUTE))
        )
        other = await upload(http, OTHER)
    assert first == second
    assert (flute.id, flute.notes_sha256) == (first.id, first.notes_sha256)
    assert flute.sha256 != first.sha256
    assert other.id != first.id
    assert other.notes_sha256 != first.notes_sha256


async def test_another_owner_has_a_primer_of_their_own(backends: Stack) -> None:
    async with gateway(backends, uuid4().hex) as http, gateway(backends, uuid4().hex) as other:
        mine, theirs = await upload(http, PIANO), await upload(other, PIANO)
    assert mine.id != theirs.id
    assert mine.notes_sha256 == theirs.notes_sha256
