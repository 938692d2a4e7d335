"""The table of infilling: one row for each version, data set and size of the gap."""

from collections.abc import Iterator, Sequence

from ostinato.schemas.evaluations import GapSize, InfillRecord
from ostinato.schemas.models import ModelCard

HEADS = (
    *("version", "music", "gap", "hidden notes"),
    *("nats per note with right context", "left context only", "difference (95 %)"),
)
GAPS = {GapSize.ONE_BAR: "one bar", GapSize.TWO_BARS: "two bars", GapSize.THIRD: "a third"}


def infill_table(cards: Sequence[ModelCard]) -> str:
    """A Markdown table of what was measured."""
    rows = [list(row) for card in cards for row in _rows(card)]
    if not rows:
        return "Nothing has been measured yet."
    lines = [HEADS, ["---"] * len(HEADS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rows(card: ModelCard) -> Iterator[tuple[str, ...]]:
    for dataset, by_gap in card.evaluation.infill_by_dataset.items():
        for size in GapSize:
            record = by_gap.get(size)
            if record is not None and record.num_notes:
                yield (card.version, dataset, GAPS[size], *_cells(record))


def _cells(record: InfillRecord) -> Iterator[str]:
    right, left = record.nats_per_note_with_right_context, record.nats_per_note_left_only
    yield f"{record.num_notes:,}"
    yield f"{right:.3f}"
    yield f"{left:.3f}"
    interval = f"{record.difference_low:+.3f} to {record.difference_high:+.3f}"
    yield f"{(right or 0) - (left or 0):+.3f} ({interval})"
