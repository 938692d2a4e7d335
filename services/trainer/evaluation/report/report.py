"""Evaluation report: the measurements in the cards as Markdown, JSON and SVG.

Every value is read from a card; nothing is measured here.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ostinato.schemas.models import ModelCard
from services.trainer.evaluation.report import leakage, plots
from services.trainer.evaluation.report.infill_table import infill_table
from services.trainer.evaluation.report.tables import (
    LIKELIHOOD,
    MEANS,
    REFERENCE,
    SAMPLES,
    VOCABULARIES,
    render,
)
from shared.errors import UserError
from shared.models.checkpoints import CARD, find_version, read_card

JSON, MARKDOWN = "evaluation.json", "evaluation.md"

INTRODUCTION = """# Evaluation of the versions

Written by `python -m services.trainer.evaluation.report` from the cards of the versions;
`evaluation.json` contains the same values. Unless stated otherwise, a value is about music that the
version was not trained on: pieces are split before anything else, and duplicates in a data set
count once. **Nats per note** is the negative log-likelihood of a held-out piece, divided by the
number of its notes; it does not depend on the vocabulary, and lower is better. v2 to v5 model pitch
symbols only: their values leave out rhythm, velocity and the octaves of chords, and cannot be
compared with those of v6 to v8. The weights were selected on held-out pieces, too: on the openings
of at most 24 of each data set, or on a sample of windows over whole pieces if the card says so; the
learning rates and batch sizes of v2 to v5 on openings, and the sampling defaults by excerpts of
held-out pieces ([sampling.md](sampling.md)). The values are therefore slightly optimistic. The
learning curves show the likelihood of what weights were selected on; the table and the bars are
based on whole held-out pieces, up to 150,000 tokens of each data set. Minutes are the time spent in
training steps until the selected weights, without validation. If a version was initialized from
other weights, the value behind "after" is what had been spent on those. The data of v2 to v8 have
no clear license and are for research; MAESTRO, on which v8 was also trained, is CC BY-NC-SA 4.0.
"""
INFILLING_NOTE = """
Bars in the middle of passages of held-out pieces, predicted with the prompt that serves a request
to regenerate them (the bars after the gap, then those before it), and as a continuation of the bars
before them. Each prompt has at most half a context. A difference below 0 is what a version gains
from the bars that follow; its interval is a bootstrap over passages.
"""
REFERENCE_NOTE = """
The reference system's validation losses (nats per token) were measured on windows of pieces that it
was also trained on. They are quoted here and cannot be compared with any value above.
"""
SAMPLES_NOTE = """
Samples were generated through the running service with fixed seeds. They are compared with excerpts
of held-out pieces of the same length, quantized to the grid of the tokenizers. Where a version was
trained on several data sets, the excerpts are in proportion to their weights in training. The
distance of a feature is the mean gap between the quantiles of the two sides, in standard deviations
of the held-out side; it is 0 if they are equal, and no feature is better for being higher. The
longest overlap is the length, in consecutive notes, of the longest passage with the same pitch
intervals and onset distances, in any key, as in some training piece. Held-out excerpts, which are
not copied, overlap with training pieces, too.
"""
MEANS_NOTE = """
The means behind the distances: samples, and held-out excerpts in brackets.
"""


class NothingToReport(UserError):
    """No version has evaluated samples."""

    code = "nothing_to_report"


def load_cards(checkpoints_dir: Path, versions: Sequence[str] | None) -> list[ModelCard]:
    """The cards of the named versions, or of all versions with evaluated samples, by name.

    Raises:
        InvalidCheckpoint: a version does not exist, or its folder is not valid.
        NothingToReport: no version has evaluated samples.
    """
    if versions:
        return [read_card(find_version(checkpoints_dir, name)) for name in versions]
    folders = sorted(path.parent for path in checkpoints_dir.glob(f"*/{CARD}"))
    cards = [card for folder in folders if (card := read_card(folder)).evaluation.samples]
    if not cards:
        raise NothingToReport(
            f"{checkpoints_dir.absolute()} has no card with evaluated samples: evaluate a version "
            "first, or name the versions to report on."
        )
    return cards


def write_report(cards: Sequence[ModelCard], folder: Path) -> list[Path]:
    """Write Markdown, JSON and figures to a folder; returns the paths of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = plots.draw_all(cards, folder)
    leakage_section = leakage.section(cards, folder)
    content = {card.version: json_entry(card) for card in cards}
    (folder / JSON).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    document = markdown(cards, figures, leakage_section)
    (folder / MARKDOWN).write_text(document, encoding="utf-8")
    names = [name for name, _ in figures] + ([leakage.FIGURE] if leakage_section else [])
    return [folder / name for name in (JSON, MARKDOWN, *names)]


def json_entry(card: ModelCard) -> dict[str, Any]:
    """The entry of a version in the JSON file."""
    content = card.model_dump(
        mode="json",
        include={"sha256": True, "data": True, "training": True, "evaluation": True},
        exclude={"training": {"learning_curve"}},
    )
    return content | {"reference": REFERENCE.get(card.version)}


def markdown(
    cards: Sequence[ModelCard], figures: Sequence[tuple[str, str]], leakage_section: str
) -> str:
    """The whole document; `figures` are file names and captions."""
    sampled = [card for card in cards if card.evaluation.samples is not None]
    sections = [
        INTRODUCTION,
        "## Held-out likelihood, size and training",
        render(cards, LIKELIHOOD),
        *(f"![{caption}]({name})" for name, caption in figures[:2]),
        "## Infilling with and without the right context",
        INFILLING_NOTE,
        infill_table(cards),
        "## Vocabularies",
        render(cards, VOCABULARIES),
        REFERENCE_NOTE,
        leakage_section,
        "## Samples and held-out music",
        SAMPLES_NOTE,
        render(sampled, SAMPLES),
        MEANS_NOTE if sampled else "",
        render(sampled, MEANS) if sampled else "",
        *(f"![{caption}]({name})" for name, caption in figures[2:]),
    ]
    return "\n\n".join(section.strip() for section in sections if section) + "\n"
