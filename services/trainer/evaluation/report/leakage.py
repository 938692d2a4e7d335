"""Section of the report on data leakage, with its figure.

The measurement was made by `services.trainer.cli.data_leakage`. It is read from the card of the
version whose network was trained for it.
"""

from collections.abc import Sequence
from pathlib import Path

from ostinato.schemas.cards import DataLeakageRecord
from ostinato.schemas.models import ModelCard
from services.trainer.evaluation.report import plots

FIGURE = "evaluation-data-leakage.svg"
CAPTION = "The same weights, scored on both kinds of windows"
TEXT = """
## How much a leaky split hides

The reference system drew its validation windows at random from overlapping windows of the pieces
that it trained on. The network of {network} was trained under such a split for {tokens:,} tokens,
from {windows:,} windows, and its weights were scored twice in the same way. They score {gap:.3f}
nats per token better on their own validation windows than on windows of held-out pieces, so the
split hides {share:.0%} of the negative log-likelihood of new music. No version has these weights.

| scored on | nats per token |
| --- | --- |
| its own leaky validation windows | {leaky:.3f} |
| windows of held-out pieces | {held_out:.3f} |

![{caption}]({figure})
"""


def section(cards: Sequence[ModelCard], folder: Path) -> str:
    """The section, or an empty text if no card has the measurement; draws its figure."""
    for card in cards:
        if card.evaluation.data_leakage is not None:
            return _section(card.version, card.evaluation.data_leakage, folder)
    return ""


def _section(network: str, record: DataLeakageRecord, folder: Path) -> str:
    leaky, held_out = record.leaky_validation_nats_per_token, record.held_out_nats_per_token
    sides = {"leaky validation windows": leaky, "windows of held-out pieces": held_out}
    plots.draw_sides(folder / FIGURE, CAPTION, sides)
    return TEXT.format(
        network=network,
        tokens=record.num_tokens,
        windows=record.num_training_windows,
        gap=held_out - leaky,
        share=(held_out - leaky) / held_out,
        leaky=leaky,
        held_out=held_out,
        caption=CAPTION,
        figure=FIGURE,
    )
