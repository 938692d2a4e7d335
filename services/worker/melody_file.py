"""A melody as a row and a MIDI file with a receipt, to generate it again."""

from typing import Any

from services.worker.melody_builder import MelodyBuilder
from services.worker.model_registry import LoadedModel
from shared.db.new_melody import NewMelody
from shared.midi.receipt import embed_receipt

FIELDS_NOT_IN_RECEIPT = {"count", "priority", "seed", "deadline_seconds"}
"""Request fields that do not affect a melody's bytes; each melody has its own seed."""


def new_melody(builder: MelodyBuilder, model: LoadedModel) -> NewMelody:
    """The row of a melody with its MIDI file; of one that was cancelled, its complete bars."""
    item, card = builder.item, model.card
    bars = builder.complete_bars
    written = builder.file.write(builder.generated_notes, bars)
    receipt = _receipt(builder, model)
    partial = not builder.is_complete
    return NewMelody(
        index=item.index,
        custom_id=item.custom_id,
        seed=item.seed,
        model=card.version,
        model_sha256=card.sha256,
        numerics=model.numerics_of(item.request),
        score=written.score,
        bars=written.bars,
        num_tokens=builder.num_tokens,
        generation_seconds=builder.generation_seconds,
        notes=written.notes,
        midi=embed_receipt(written.midi, {**receipt, "partial_bars": bars} if partial else receipt),
        partial=partial,
        begins_stream=not partial or item.request.regenerate is None,
    )


def shorten_number(number: float) -> float:
    """A whole number without a fraction, as receipts of earlier releases have it."""
    return int(number) if number == int(number) else number


def _receipt(builder: MelodyBuilder, model: LoadedModel) -> dict[str, Any]:
    """Everything that is needed to generate the same bytes again.

    A primer is named by the hash of its file: its id differs between uploads and owners.
    """
    item = builder.item
    request = item.request.model_dump(mode="json", exclude=FIELDS_NOT_IN_RECEIPT)
    request["sampling"] = item.request.resolved_sampling.model_dump()
    if item.request.tempo is not None:
        request["tempo"] = shorten_number(item.request.tempo)
    if item.primer is not None and item.primer.sha256 is not None:
        del request["primer_id"]
        request |= {"primer_sha256": item.primer.sha256, "track": builder.track}
    return {
        "model_sha256": model.card.sha256,
        "numerics": model.numerics_of(item.request),
        "seed": item.seed,
        **request,
    }
