"""Melodies as rows and MIDI files: what a cancelled one keeps, and what its receipt has."""

import pytest

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.worker.engine.interface import EngineOutput, FinishReason
from services.worker.melody_builder import MelodyBuilder
from services.worker.melody_file import new_melody, partial_melody
from services.worker.model_registry import LoadedModel
from services.worker.note_offs import NoteOffResolver
from shared.db.generation_shards import ShardItem
from shared.ids import new_id
from shared.midi.receipt import read_receipt
from tests.support.midi import read_midi
from tests.support.models import load_mini

VELOCITY = 100
FIRST = Note(480, 480, 60, VELOCITY)
SECOND = Note(TICKS_PER_BAR + 480, 480, 62, VELOCITY)
SUSTAINED = Note(TICKS_PER_BAR, 2 * TICKS_PER_BAR, 64, VELOCITY)
LAST = Note(2 * TICKS_PER_BAR + 480, 480, 67, VELOCITY)
"""A note of the third bar, which is not complete."""


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_mini(max_num_seqs=4)


def build(
    model: LoadedModel,
    request: GenerationRequest,
    *notes: Note,
    primer_bars: int = 0,
    primer_sha256: str | None = None,
) -> MelodyBuilder:
    """A melody that was cancelled after the engine had generated these notes."""
    bars = primer_bars + request.bars
    builder = MelodyBuilder(
        item=ShardItem(index=0, seed=3, request=request, primer_sha256=primer_sha256),
        bars=bars,
        decoder=model.tokenizer.incremental_decoder(bars, request.regenerate or ()),
        notes=[],
        note_offs=NoteOffResolver(),
    )
    for tokens, reason in ((model.tokenizer.encode(notes), None), ((), FinishReason.CANCELLED)):
        output = EngineOutput(
            id=0, tokens=tuple(tokens), finish_reason=reason, error=None, elapsed_seconds=0.1
        )
        builder.apply(output)
    return builder


def timing(notes: list[Note]) -> list[tuple[int, int, int]]:
    """Notes without their velocities, which the tokens round."""
    return [note[:3] for note in notes]


def test_a_cancelled_melody_keeps_its_complete_bars(model: LoadedModel) -> None:
    request = GenerationRequest(model="mini", bars=8, seed=3)
    builder = build(model, request, FIRST, SUSTAINED, LAST)
    assert builder.is_partial
    melody = partial_melody(builder, model)
    assert (melody.partial, melody.bars) == (True, 2)
    kept = [FIRST, SUSTAINED._replace(duration=TICKS_PER_BAR)]
    assert timing(list(melody.notes)) == timing(kept)
    assert read_midi(melody.midi) == melody.notes
    receipt = read_receipt(melody.midi)
    assert receipt is not None
    assert (receipt["partial_bars"], receipt["bars"], receipt["seed"]) == (2, 8, 3)


@pytest.mark.parametrize(
    ("notes", "primer_bars"),
    [((), 0), ((FIRST,), 0), ((FIRST, SECOND), 1), ((FIRST, SECOND, LAST), 2)],
)
def test_a_melody_without_a_complete_generated_bar_is_not_kept(
    model: LoadedModel, notes: tuple[Note, ...], primer_bars: int
) -> None:
    request = GenerationRequest(model="mini", bars=8, seed=3)
    assert not build(model, request, *notes, primer_bars=primer_bars).is_partial


def test_regenerated_bars_are_kept_up_to_the_first_that_is_missing(model: LoadedModel) -> None:
    request = GenerationRequest(model="mini", bars=8, seed=3, primer_id=new_id(), regenerate=(1, 4))
    first = build(model, request, FIRST)
    second = build(model, request, FIRST, SECOND)
    assert (first.is_partial, second.is_partial) == (False, True)
    melody = partial_melody(second, model)
    assert (melody.bars, melody.begins_stream) == (4, False)
    assert timing(list(melody.notes)) == [(TICKS_PER_BAR + FIRST.start, 480, FIRST.pitch)]


def test_a_primer_is_named_by_its_notes(model: LoadedModel) -> None:
    """The same file has another id after each upload of earlier releases, and for each owner."""
    files = set()
    for _ in range(2):
        request = GenerationRequest(model="mini", bars=2, seed=3, primer_id=new_id())
        builder = build(model, request, FIRST, SUSTAINED, primer_sha256="ab" * 32)
        files.add(new_melody(builder, model).midi)
    [midi] = files
    receipt = read_receipt(midi)
    assert receipt is not None
    assert (receipt["primer_notes_sha256"], "primer_id" in receipt) == ("ab" * 32, False)


def test_the_receipt_without_a_primer_is_that_of_earlier_releases(model: LoadedModel) -> None:
    request = GenerationRequest(model="mini", bars=2, seed=3)
    receipt = read_receipt(new_melody(build(model, request, FIRST), model).midi)
    assert receipt is not None
    assert receipt["primer_id"] is None
    assert not {"primer_notes_sha256", "partial_bars"} & receipt.keys()
