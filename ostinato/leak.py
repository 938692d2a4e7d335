"""How much of a leaky validation loss is memory: a section of the report, and its picture.

What is shown was measured by `services.trainer.leak`. Refuses to measure anything.
"""

from pathlib import Path

from pydantic import ValidationError

from ostinato import plots
from ostinato.errors import ClientError
from shared.schemas.wire import Wire

JSON, PICTURE = "leak.json", "evaluation-leak.svg"

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


class Leak(Wire):
    """The file, as the trainer writes it."""

    leaky_validation_nats_per_token: float
    held_out_nats_per_token: float
    gap_nats_per_token: float
    network: str
    tokens: int
    training_windows: int
    seed: int


def section(folder: Path) -> str:
    """The section, if the folder has the file; its picture is drawn beside it.

    Raises:
        ClientError: the file is not what the trainer writes.
    """
    path = folder / JSON
    if not path.exists():
        return ""
    try:
        leak = Leak.model_validate_json(path.read_bytes())
    except ValidationError as error:
        again = "write it again with `python -m services.trainer.leak`, or take it away"
        raise ClientError(f"{path} cannot be read; {again}: {error}") from error
    sides = {
        "leaky validation windows": leak.leaky_validation_nats_per_token,
        "windows of held-out pieces": leak.held_out_nats_per_token,
    }
    plots.draw_sides(folder / PICTURE, CAPTION, sides)
    return TEXT.format(
        network=leak.network,
        tokens=leak.tokens,
        windows=leak.training_windows,
        gap=leak.gap_nats_per_token,
        share=leak.gap_nats_per_token / leak.held_out_nats_per_token,
        leaky=leak.leaky_validation_nats_per_token,
        honest=leak.held_out_nats_per_token,
        caption=CAPTION,
        picture=PICTURE,
    )
