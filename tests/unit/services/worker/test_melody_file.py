"""Melodies as rows and MIDI files: what a cancelled one keeps, and what its receipt has."""

import pytest

from ostinato.schemas.generations import GenerationRequest
from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.worker.engine.interface import EngineOutput, FinishReason
from services.worker.melody_builder import MelodyBuilder
from services.worker.melody_file import new_melody
from services.worker.model_registry import LoadedModel
from services.worker.prompting import build_prompt
from shared.db.generation_shards import ShardItem
from shared.db.primers import StoredPrimer
from shared.ids import new_id
from shared.midi.receipt import read_receipt
from tests.support.midi import a_stored_primer, read_midi
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
    primer: StoredPrimer | None = None,
) -> MelodyBuilder:
    """A melody that was cancelled after the engine had generated these notes."""
    prompt = build_prompt(request, primer, model)
    builder = MelodyBuilder(
        item=ShardItem(index=0, seed=3, request=request, primer=primer),
        track=prompt.track,
        bars=prompt.bars - prompt.file.hidden_bars,
        decoder=prompt.decoder,
        file=prompt.file,
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
    melody = new_melody(builder, model)
    assert (melody.partial, melody.bars) == (True, 2)
    kept = [FIRST, SUSTAINED._replace(duration=TICKS_PER_BAR)]
    assert timing(list(melody.notes)) == timing(kept)
    assert read_midi(melody.midi) == melody.notes
    receipt = read_receipt(melody.midi)
    assert receipt is not None
    assert (receipt["partial_bars"], receipt["bars"], receipt["seed"]) == (2, 8, 3)


@pytest.mark.parametrize("notes", [(), (FIRST,)])
@pytest.mark.parametrize("primer", [None, a_stored_primer([FIRST])])
@pytest.mark.parametrize("include_primer", [True, False])
def test_a_melody_without_a_complete_generated_bar_is_not_kept(
    model: LoadedModel,
    *,
    notes: tuple[Note, ...],
    primer: StoredPrimer | None,
    include_primer: bool,
) -> None:
    request = GenerationRequest(model="mini", bars=8, seed=3)
    if primer is not None:
        update = {"primer_id": new_id(), "include_primer": include_primer}
        request = request.model_copy(update=update)
    assert not build(model, request, *notes, primer=primer).is_partial
    assert build(model, request, *notes, SECOND, LAST, primer=primer).is_partial


def test_a_cancelled_continuation_keeps_its_complete_bars(model: LoadedModel) -> None:
    request = GenerationRequest(model="mini", bars=8, seed=3, primer_id=new_id())
    builder = build(model, request, FIRST, SECOND, LAST, primer=a_stored_primer([FIRST]))
    melody = new_melody(builder, model)
    assert (melody.partial, melody.bars) == (True, 3)
    after = [note._replace(start=note.start + TICKS_PER_BAR) for note in (FIRST, SECOND)]
    assert timing(list(melody.notes)) == timing([FIRST, *after])
    assert read_midi(melody.midi) == melody.notes


def test_only_the_new_bars_of_a_continuation_are_a_file(model: LoadedModel) -> None:
    update = {"primer_id": new_id(), "include_primer": False}
    request = GenerationRequest(model="mini", bars=8, seed=3).model_copy(update=update)
    builder = build(model, request, FIRST, SECOND, LAST, primer=a_stored_primer([FIRST]))
    melody = new_melody(builder, model)
    assert (melody.partial, melody.bars) == (True, 2)
    assert timing(list(melody.notes)) == timing([FIRST, SECOND])
    assert read_midi(melody.midi) == melody.notes


def test_bars_that_were_not_regenerated_in_time_stay_as_they_were(model: LoadedModel) -> None:
    request = GenerationRequest(model="mini", bars=8, seed=3, primer_id=new_id(), regenerate=(1, 4))
    theme = [Note(bar * TICKS_PER_BAR, 480, 50 + bar, VELOCITY) for bar in range(6)]
    primer = a_stored_primer(theme, bars=6)
    first = build(model, request, FIRST, primer=primer)
    second = build(model, request, FIRST, SECOND, primer=primer)
    assert (first.is_partial, second.is_partial) == (False, True)
    melody = new_melody(second, model)
    assert (melody.bars, melody.begins_stream) == (6, False)
    new = FIRST._replace(start=TICKS_PER_BAR + FIRST.start)
    assert timing(sorted(melody.notes)) == timing([theme[0], new, *theme[2:]])
    assert read_midi(melody.midi) == sorted(melody.notes)


def test_a_primer_is_named_by_its_file(model: LoadedModel) -> None:
    """The same file has another id for each owner."""
    files, primer = set(), a_stored_primer([FIRST])
    for _ in range(2):
        request = GenerationRequest(model="mini", bars=2, seed=3, primer_id=new_id())
        files.add(new_melody(build(model, request, FIRST, primer=primer), model).midi)
    [midi] = files
    receipt = read_receipt(midi)
    assert receipt is not None
    assert (receipt["primer_sha256"], receipt["track"]) == (primer.sha256, 0)
    assert not {"primer_id", "tempo"} & receipt.keys()


def test_the_receipt_without_a_primer_is_that_of_earlier_releases(model: LoadedModel) -> None:
    request = GenerationRequest(model="mini", bars=2, seed=3, tempo=120)
    receipt = read_receipt(new_melody(build(model, request, FIRST), model).midi)
    assert receipt is not None
    assert receipt["primer_id"] is None
    assert (receipt["tempo"], type(receipt["tempo"])) == (120, int)
    assert not {"primer_sha256", "track", "include_primer"} & receipt.keys()
    expected = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.01}
    assert receipt["sampling"] == expected, "also of a job that was accepted without them"


def test_a_primer_of_an_earlier_release_is_one_track_of_its_notes(model: LoadedModel) -> None:
    primer = StoredPrimer(midi=None, sha256=None, track=None, notes=(FIRST,), bars=2)
    request = GenerationRequest(model="mini", bars=8, seed=3, primer_id=new_id())
    melody = new_melody(build(model, request, FIRST, SECOND, LAST, primer=primer), model)
    after = [note._replace(start=note.start + 2 * TICKS_PER_BAR) for note in (FIRST, SECOND)]
    assert timing(list(melody.notes)) == timing([FIRST, *after])
    assert melody.bars == 4
    receipt = read_receipt(melody.midi)
    assert receipt is not None
    assert receipt["primer_id"] == str(request.primer_id)
