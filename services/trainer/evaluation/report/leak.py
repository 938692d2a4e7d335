"""How much of a leaky validation loss is memory: a section of the report, and its picture.

What is shown stands in the card of the version whose network `services.trainer.evaluation.data_leakage` measured it
on. Refuses to measure anything.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ostinato.schemas.models import ModelVersion
from services.trainer.evaluation.report import plots

PICTURE = "evaluation-leak.svg"

TEXT = """
## How much of a leaky loss is memory

The reference drew its validation windows at random from overlapping windows of the very pieces that
it trained on. The network of {network} was trained under that split for {tokens:,} tokens, from
{windows:,} windows, and its weights were scored twice in the same way: they look {gap:.3f} nats a
token better on their own validation windows than on windows of pieces that they have never seen,
and {share:.0%} of the surprise at new music is hidden by the split. No version has these weights.

| scored on | nats per token |
| --- | --- |
| its own leaky validation windows | {leaky:.3f} |
| windows of held-out pieces | {honest:.3f} |

![{caption}]({picture})
"""
CAPTION = "The same weights, scored on both kinds of windows"


def section(versions: Sequence[ModelVersion], folder: Path) -> str:
    """The section, if it was measured on one of them; its picture is drawn into the folder."""
    for version in versions:
        if (leak := version.evaluation.get("leak")) is not None:
            return _section(version.version, leak, folder)
    return ""


def _section(network: str, leak: dict[str, Any], folder: Path) -> str:
    leaky, honest = leak["leaky_validation_nats_per_token"], leak["held_out_nats_per_token"]
    sides = {"leaky validation windows": leaky, "windows of held-out pieces": honest}
    plots.draw_sides(folder / PICTURE, CAPTION, sides)
    return TEXT.format(
        network=network,
        tokens=leak["tokens"],
        windows=leak["training_windows"],
        gap=honest - leaky,
        share=(honest - leaky) / honest,
        leaky=leaky,
        honest=honest,
        caption=CAPTION,
        picture=PICTURE,
    )
