"""On the stage, with the real engine and the shipped model: from a claim to finished melodies."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from ostinato.schemas.generations import GenerationRequest, Priority, Sampling
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.worker.active_shards import Stage
from services.worker.engine.interface import FinishReason, Output
from services.worker.model_registry import Version
from services.worker.shard_run import Performance
from shared.db.generation_shards import Claim
from shared.midi.meta import read_receipt
from shared.tokenizers.midi_file import read_midi
from shared.tokenizers.remi import Remi
from tests.repertoires import mini

FIRST = 64
REQUEST = GenerationRequest(
    model="mini", bars=2, seed=5, count=70, tempo=90, sampling=Sampling(top_p=0.9)
)


def claim(request: GenerationRequest = REQUEST, *primer: Note, count: int = 2) -> Claim:
    return Claim(
        shard_id=uuid4(),
        job_id=uuid4(),
        owner="ann",
        attempt=1,
        first=FIRST,
        count=count,
        crashes=0,
        request=request,
        primer=primer,
    )


@pytest.fixture(scope="module")
def version() -> Version:
    return mini(slots=4)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage(reserved_slots=1)
    stage.open()
    yield stage
    stage.close()


async def play(stage: Stage, performance: Performance) -> Performance:
    stage.begin(performance)
    over = await asyncio.wait_for(stage.over.get(), 60)
    assert over is performance
    stage.drop(over)
    return over


async def test_a_shard_becomes_melodies_that_say_how_they_were_made(
    stage: Stage, version: Version
) -> None:
    performance = await play(stage, Performance(claim(), version))
    melodies = performance.melodies()
    assert [(melody.index, melody.seed) for melody in melodies] == [(64, 69), (65, 70)]
    for melody in melodies:
        receipt = read_receipt(melody.midi)
        assert receipt is not None
        assert receipt["seed"] == melody.seed
        assert receipt["model_sha256"] == version.card.sha256
        assert receipt["sampling"]["top_p"] == 0.9
        assert read_midi(melody.midi) == list(melody.notes)
    assert stage.empty.is_set()


async def test_the_same_claim_gives_the_same_bytes_beside_others(
    stage: Stage, version: Version
) -> None:
    alone = await play(stage, Performance(claim(), version))
    neighbour = Performance(claim(REQUEST.model_copy(update={"seed": 99})), version)
    stage.begin(neighbour)
    again = Performance(claim(), version)
    stage.begin(again)
    over = {await stage.over.get(), await stage.over.get()}
    assert over == {neighbour, again}
    assert [melody.midi for melody in again.melodies()] == [
        melody.midi for melody in alone.melodies()
    ]


async def test_a_primer_stands_at_the_beginning_and_is_told_first(
    stage: Stage, version: Version
) -> None:
    primer = [Note(0, 480, 60, 80), Note(960, 960, 64, 80)]
    performance = Performance(claim(REQUEST, *primer, count=1), version)
    told = [new for _, new in performance.news()]
    assert [note[:3] for note in told[0].notes] == [note[:3] for note in primer]
    melody = (await play(stage, performance)).melodies()[0]
    assert melody.bars == 3
    assert melody.notes[: len(primer)] == told[0].notes
    assert all(note.start >= TICKS_PER_BAR for note in melody.notes[len(primer) :])


async def test_only_interactive_shards_are_streamed(version: Version) -> None:
    assert not Performance(claim(), version).streamed
    heard = REQUEST.model_copy(update={"count": 2, "priority": Priority.INTERACTIVE})
    assert Performance(claim(heard), version).streamed


async def test_a_cancelled_shard_keeps_what_is_finished(stage: Stage, version: Version) -> None:
    endless = REQUEST.model_copy(update={"bars": 64})
    performance = Performance(claim(endless, count=6), version)
    stage.begin(performance)
    stage.cancel(performance.claim.shard_id)
    stage.cancel(uuid4())
    over = await asyncio.wait_for(stage.over.get(), 60)
    finishes = {piece.finish for piece in over.pieces.values()}
    assert FinishReason.CANCELLED in finishes
    assert len(over.melodies()) < 6


async def test_output_of_an_earlier_attempt_is_dropped(stage: Stage, version: Version) -> None:
    performance = Performance(claim(count=1), version)
    stage.held[performance.claim.shard_id] = performance
    stale = performance.ids()[0]._replace(attempt=0)
    output = Output(id=stale, tokens=(9,), finish=None, error=None, seconds=0.0)
    stage._take([output])
    assert performance.pieces[FIRST].tokens == []


async def test_a_shard_that_is_claimed_again_leaves_nothing_of_the_first_time(
    stage: Stage, version: Version
) -> None:
    first = Performance(claim(REQUEST.model_copy(update={"bars": 64})), version)
    stage.begin(first)
    again = Performance(replace(first.claim, attempt=2, request=REQUEST), version)
    assert await play(stage, again) is again
    assert stage.stats().running == 0


async def test_an_error_in_the_engine_ends_the_whole_shard(stage: Stage, version: Version) -> None:
    performance = Performance(claim(count=2), version)
    stage.held[performance.claim.shard_id] = performance
    error = FinishReason.ERROR
    for ident in performance.ids():
        stage._take([Output(id=ident, tokens=(), finish=error, error="broken", seconds=0.0)])
    over = stage.over.get_nowait()
    assert over.error == "broken"
    assert over.melodies() == []


async def test_tokens_that_are_no_music_are_an_error(stage: Stage, version: Version) -> None:
    assert isinstance(version.vocabulary, Remi)
    performance = Performance(claim(count=1), version)
    lone = next(
        token
        for token, symbols in enumerate(version.vocabulary.expansions)
        if symbols and symbols[-1].kind.name == "DURATION" and len(symbols) == 1
    )
    stage.held[performance.claim.shard_id] = performance
    ident = performance.ids()[0]
    stage._take([Output(id=ident, tokens=(lone,), finish=None, error=None, seconds=0.0)])
    assert performance.error is not None
