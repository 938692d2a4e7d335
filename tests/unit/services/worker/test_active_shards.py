"""Shard runs on the real engine with the `mini` model: from a claim to finished melodies."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import pytest

from ostinato.schemas.generations import GenerationRequest, Sampling
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.worker.active_shards import ActiveShards
from services.worker.engine.interface import EngineOutput, FinishReason
from services.worker.model_registry import LoadedModel
from services.worker.shard_run import SequenceId, ShardRun
from shared.db.generation_shards import ClaimedShard, ShardItem
from shared.db.new_melody import NewMelody
from shared.midi.receipt import read_receipt
from shared.tokenizers.remi import RemiTokenizer
from tests.support.midi import a_stored_primer, read_midi
from tests.support.models import load_mini

FIRST_INDEX = 64
REQUEST = GenerationRequest(
    model="mini", bars=2, seed=5, count=70, tempo=90, sampling=Sampling(top_p=0.9)
)
LONG_REQUEST = REQUEST.model_copy(update={"bars": 64})


def make_shard(
    request: GenerationRequest = REQUEST, *primer: Note, num_items: int = 2
) -> ClaimedShard:
    return ClaimedShard(
        shard_id=uuid4(),
        job_id=uuid4(),
        owner="ann",
        attempt=1,
        num_items=num_items,
        crashes=0,
        model="mini",
        is_interactive=False,
        items=[
            ShardItem(
                index=index,
                seed=request.resolved_seed + index,
                request=request,
                primer=a_stored_primer(primer) if primer else None,
            )
            for index in range(FIRST_INDEX, FIRST_INDEX + num_items)
        ],
    )


def make_output(
    sequence_id: SequenceId,
    *tokens: int,
    finish_reason: FinishReason | None = None,
    error: str | None = None,
) -> EngineOutput:
    return EngineOutput(
        id=sequence_id,
        tokens=tokens,
        finish_reason=finish_reason,
        error=error,
        elapsed_seconds=0.0,
    )


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_mini(max_num_seqs=4)


@pytest.fixture
async def active() -> AsyncIterator[ActiveShards]:
    active = ActiveShards(reserved_interactive_seqs=1)
    active.start_engine()
    yield active
    active.stop_engine()


async def next_finished(active: ActiveShards) -> list[ShardRun]:
    """The runs of which every sequence has ended."""
    async with asyncio.timeout(60):
        while True:
            runs = await active.next_finished()
            if ended := [run for run in runs if run.is_finished]:
                return ended


def melodies_of(run: ShardRun) -> list[NewMelody]:
    return run.results(run.take_finished()).melodies


async def run_to_end(active: ActiveShards, run: ShardRun) -> ShardRun:
    active.start(run)
    assert await next_finished(active) == [run]
    active.discard(run)
    return run


def add_without_starting(active: ActiveShards, run: ShardRun) -> None:
    """Register a run whose outputs the test sends itself."""
    active.in_flight[run.shard.shard_id] = run


async def test_every_melody_has_its_own_seed_and_a_receipt(
    active: ActiveShards, model: LoadedModel
) -> None:
    run = await run_to_end(active, ShardRun(make_shard(), model))
    melodies = melodies_of(run)
    assert [(melody.index, melody.seed) for melody in melodies] == [(64, 69), (65, 70)]
    for melody in melodies:
        receipt = read_receipt(melody.midi)
        assert receipt is not None
        assert receipt["seed"] == melody.seed
        assert receipt["model_sha256"] == model.card.sha256
        assert receipt["sampling"]["top_p"] == 0.9
        assert read_midi(melody.midi) == list(melody.notes)
    assert active.idle.is_set()


async def test_another_shard_in_the_batch_does_not_change_the_bytes(
    active: ActiveShards, model: LoadedModel
) -> None:
    alone = await run_to_end(active, ShardRun(make_shard(), model))
    other = ShardRun(make_shard(REQUEST.model_copy(update={"seed": 99})), model)
    active.start(other)
    batched = ShardRun(make_shard(), model)
    active.start(batched)
    ended: list[ShardRun] = []
    while len(ended) < 2:
        ended += await next_finished(active)
    assert set(ended) == {other, batched}
    assert [melody.midi for melody in melodies_of(batched)] == [
        melody.midi for melody in melodies_of(alone)
    ]


async def test_the_primer_is_published_first_and_starts_the_melody(
    active: ActiveShards, model: LoadedModel
) -> None:
    primer = [Note(0, 480, 60, 80), Note(960, 960, 64, 80)]
    request = REQUEST.model_copy(update={"primer_id": uuid4()})
    run = ShardRun(make_shard(request, *primer, num_items=1), model)
    [(_, batch)] = run.unpublished()
    assert batch.notes == primer
    [melody] = melodies_of(await run_to_end(active, run))
    assert melody.bars == 3
    assert melody.notes[: len(primer)] == batch.notes
    assert all(note.start >= TICKS_PER_BAR for note in melody.notes[len(primer) :])


async def test_a_cancelled_shard_finishes_without_its_incomplete_melodies(
    active: ActiveShards, model: LoadedModel
) -> None:
    run = ShardRun(make_shard(LONG_REQUEST, num_items=6), model)
    active.start(run)
    active.cancel(run.shard.shard_id)
    active.cancel(uuid4())
    [finished] = await next_finished(active)
    reasons = {builder.finish_reason for builder in finished.builders.values()}
    assert FinishReason.CANCELLED in reasons
    results = finished.results(finished.take_finished())
    assert len(results.melodies) + results.num_cancelled == 6
    assert results.num_cancelled > 0
    assert results.has_ended


@pytest.mark.parametrize(("other", "num_kept"), [(None, 1), (FinishReason.ERROR, 0)])
async def test_complete_bars_are_kept_unless_the_shard_is_generated_again(
    active: ActiveShards, model: LoadedModel, other: FinishReason | None, num_kept: int
) -> None:
    """After an error the sequences are cancelled, too, and their melodies generated again."""
    run = ShardRun(make_shard(LONG_REQUEST), model)
    add_without_starting(active, run)
    first, second = run.sequence_ids()
    two_bars = [Note(0, 480, 60, 80), Note(TICKS_PER_BAR, 480, 62, 80)]
    active._dispatch([make_output(first, *model.tokenizer.encode(two_bars))])
    active._dispatch([make_output(second, finish_reason=other, error="broken" if other else None)])
    active._dispatch([make_output(first, finish_reason=FinishReason.CANCELLED)])
    partial = run.results(run.take_finished()).partial
    assert [melody.bars for melody in partial] == [1] * num_kept


async def test_output_of_an_earlier_attempt_is_ignored(
    active: ActiveShards, model: LoadedModel
) -> None:
    run = ShardRun(make_shard(num_items=1), model)
    add_without_starting(active, run)
    stale = run.sequence_ids()[0]._replace(attempt=0)
    active._dispatch([make_output(stale, finish_reason=FinishReason.COMPLETE)])
    assert run.builders[FIRST_INDEX].finish_reason is None


async def test_a_new_attempt_discards_the_run_of_the_previous_one(
    active: ActiveShards, model: LoadedModel
) -> None:
    first = ShardRun(make_shard(LONG_REQUEST), model)
    active.start(first)
    items = [replace(item, request=REQUEST) for item in first.shard.items]
    second = ShardRun(replace(first.shard, attempt=2, items=items), model)
    assert await run_to_end(active, second) is second
    assert active.engine_stats().running == 0


async def test_an_engine_error_ends_the_whole_shard(
    active: ActiveShards, model: LoadedModel
) -> None:
    run = ShardRun(make_shard(num_items=2), model)
    add_without_starting(active, run)
    for sequence_id in run.sequence_ids():
        output = make_output(sequence_id, finish_reason=FinishReason.ERROR, error="broken")
        active._dispatch([output])
    [finished] = await active.next_finished()
    assert finished.error == "broken"
    results = finished.results(finished.take_finished())
    assert (results.melodies, results.num_cancelled, results.has_ended) == ([], 0, False)


async def test_undecodable_tokens_are_an_error_of_the_run(
    active: ActiveShards, model: LoadedModel
) -> None:
    assert isinstance(model.tokenizer, RemiTokenizer)
    run = ShardRun(make_shard(num_items=1), model)
    add_without_starting(active, run)
    lone_duration = next(
        token
        for token, symbols in enumerate(model.tokenizer.token_symbols)
        if symbols and symbols[-1].kind.name == "DURATION" and len(symbols) == 1
    )
    active._dispatch([make_output(run.sequence_ids()[0], lone_duration)])
    assert run.error is not None
