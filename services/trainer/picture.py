"""`python -m services.trainer.picture checkpoints/mini docs/mini-training.svg`: how it learnt.

Draws the learning curve that a card holds. Refuses to read anything but cards.
"""

from pathlib import Path
from typing import Annotated

import typer
from matplotlib import rc_context
from matplotlib.figure import Figure

from ostinato.schemas.models import ModelCard
from services.trainer.training.trainer import Point
from shared.models.checkpoints import CARD

INK, ACCENT = "#3b4252", "#2a7f8e"


def main(
    folder: Annotated[Path, typer.Argument(help="A checkpoint folder.")],
    picture: Annotated[Path, typer.Argument(help="The SVG or PNG file to write.")],
) -> None:
    """Draw the learning curve of a model version."""
    card = ModelCard.model_validate_json((folder / CARD).read_bytes())
    with rc_context({"svg.hashsalt": card.version, "font.size": 10}):
        figure = draw_curve(card)
        figure.savefig(
            picture, dpi=150, metadata={"Date": None} if picture.suffix == ".svg" else {}
        )


def draw_curve(card: ModelCard) -> Figure:
    """Held-out nats a note over the tokens that the model had seen, with its best point marked."""
    curve = [Point(**point) for point in card.training["learning_curve"]]
    best = min(curve, key=lambda point: point.held_out_nats_per_note)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(
        [point.tokens / 1e6 for point in curve],
        [point.held_out_nats_per_note for point in curve],
        color=ACCENT,
        marker="o",
        markersize=3,
    )
    axes.annotate(
        f"{best.held_out_nats_per_note:.3f} nats a note after {best.seconds / 60:.0f} minutes",
        (best.tokens / 1e6, best.held_out_nats_per_note),
        xytext=(0, 30),
        textcoords="offset points",
        ha="right",
        color=INK,
        arrowprops={"arrowstyle": "-", "color": INK, "linewidth": 0.8},
    )
    axes.set_title(f"{card.version}: the beginnings of pieces that it never saw", color=INK)
    axes.set_xlabel("million tokens seen")
    axes.set_ylabel("nats a note, held out")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", linewidth=0.4)
    return figure


if __name__ == "__main__":
    typer.run(main)
