"""A finished melody as a row and a MIDI file with a receipt, to generate it again."""

from services.worker.melody_builder import MelodyBuilder
from services.worker.model_registry import LoadedModel
from shared.db.melodies import NewMelody
from shared.midi.receipt import embed_receipt
from shared.midi.writer import write_midi

FIELDS_NOT_IN_RECEIPT = {"count", "priority", "seed", "deadline_seconds"}
"""Request fields that do not affect a melody's bytes; each melody has its own seed."""


def new_melody(builder: MelodyBuilder, model: LoadedModel) -> NewMelody:
    """The row of a complete melody, with its MIDI file."""
    item, card = builder.item, model.card
    notes = sorted(builder.notes, key=lambda note: (note.start, note.pitch))
    midi = write_midi(
        notes, tempo=item.request.tempo, instrument=item.request.instrument, bars=builder.bars
    )
    return NewMelody(
        index=item.index,
        custom_id=item.custom_id,
        seed=item.seed,
        model=card.version,
        model_sha256=card.sha256,
        numerics=model.numerics,
        tempo=item.request.tempo,
        bars=builder.bars,
        num_tokens=builder.num_tokens,
        generation_seconds=builder.generation_seconds,
        notes=builder.notes,
        midi=embed_receipt(midi, _receipt(builder, model)),
    )


def _receipt(builder: MelodyBuilder, model: LoadedModel) -> dict[str, object]:
    """Everything that is needed to generate the same bytes again."""
    request = builder.item.request.model_dump(mode="json", exclude=FIELDS_NOT_IN_RECEIPT)
    return {
        "model_sha256": model.card.sha256,
        "numerics": model.numerics,
        "seed": builder.item.seed,
        **request,
    }
