"""A melody as a row and a MIDI file with a receipt, to generate it again."""

from typing import Any

from ostinato.schemas.notes import TICKS_PER_BAR, Note
from services.worker.melody_builder import MelodyBuilder
from services.worker.model_registry import LoadedModel
from shared.db.new_melody import NewMelody
from shared.midi.receipt import embed_receipt
from shared.midi.writer import write_midi

FIELDS_NOT_IN_RECEIPT = {"count", "priority", "seed", "deadline_seconds"}
"""Request fields that do not affect a melody's bytes; each melody has its own seed."""


def new_melody(builder: MelodyBuilder, model: LoadedModel) -> NewMelody:
    """The row of a complete melody, with its MIDI file."""
    return _new_melody(builder, model, list(builder.notes), builder.bars)


def partial_melody(builder: MelodyBuilder, model: LoadedModel) -> NewMelody:
    """The complete bars of a melody that was cancelled; a note that outlasts them is shortened."""
    bars = builder.complete_bars
    end = bars * TICKS_PER_BAR
    notes = [
        note._replace(duration=min(note.duration, end - note.start))
        for note in builder.notes
        if note.start < end
    ]
    return _new_melody(builder, model, notes, bars)


def _new_melody(
    builder: MelodyBuilder, model: LoadedModel, notes: list[Note], bars: int
) -> NewMelody:
    item, card = builder.item, model.card
    partial = bars < builder.bars
    in_order = sorted(notes, key=lambda note: (note.start, note.pitch))
    midi = write_midi(
        in_order, tempo=item.request.tempo, instrument=item.request.instrument, bars=bars
    )
    receipt = _receipt(builder, model)
    return NewMelody(
        index=item.index,
        custom_id=item.custom_id,
        seed=item.seed,
        model=card.version,
        model_sha256=card.sha256,
        numerics=model.numerics,
        tempo=item.request.tempo,
        bars=bars,
        num_tokens=builder.num_tokens,
        generation_seconds=builder.generation_seconds,
        notes=notes,
        midi=embed_receipt(midi, {**receipt, "partial_bars": bars} if partial else receipt),
        partial=partial,
        begins_stream=not partial or item.request.regenerate is None,
    )


def _receipt(builder: MelodyBuilder, model: LoadedModel) -> dict[str, Any]:
    """Everything that is needed to generate the same bytes again.

    A primer is named by the hash of its notes: its id differs between uploads and owners.
    """
    item = builder.item
    request = item.request.model_dump(mode="json", exclude=FIELDS_NOT_IN_RECEIPT)
    if item.primer_sha256 is not None:
        del request["primer_id"]
        request["primer_notes_sha256"] = item.primer_sha256
    return {
        "model_sha256": model.card.sha256,
        "numerics": model.numerics,
        "seed": item.seed,
        **request,
    }
