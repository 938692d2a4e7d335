"""What the versions' cards say of them, side by side: a table, a JSON file and pictures.

Every figure is taken from a card; nothing is computed here but layout. Refuses to measure anything.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ostinato.schemas.models import ModelVersion
from services.trainer.evaluation.report import leak, plots

REFERENCE: dict[str, dict[str, float]] = {
    "v2": {"vocabulary": 59, "megabytes": 11},
    "v3": {"vocabulary": 635, "megabytes": 11},
    "v4": {"vocabulary": 1279, "megabytes": 12},
    "v5": {"vocabulary": 629, "megabytes": 22},
    "v6": {"vocabulary": 362, "megabytes": 23, "validation_loss": 0.349},
    "v7": {"vocabulary": 512, "megabytes": 130, "validation_loss": 0.095},
    "v8": {"vocabulary": 1024, "megabytes": 131, "validation_loss": 0.920},
}
"""What the public system says of its own seven versions; quoted, never reproduced."""
JSON, MARKDOWN = "evaluation.json", "evaluation.md"
UNKNOWN = "-"

HEAD = """# How good the versions are

Written by `ostinato evaluate` from the cards of the versions; `evaluation.json` beside it holds the
same figures. Unless it says otherwise, a number is about music that the version has never seen:
pieces are split before anything else, and music that stands twice in a set counts once. **nats per
note** is the version's surprise at a held-out piece over the number of its notes, and does not
depend on the vocabulary; less is better. v2 to v5 know pitch symbols only, so their number leaves
out rhythm, force and the octaves of chords, and must not be set beside those of v6 to v8. The
weights were chosen by the beginnings of at most 24 held-out pieces of each set, and so were rates
and rows of v2 to v5 and the default of min-p: they look a trace better here than they are. The
learning curves show the surprise at these beginnings alone; table and bars rest on whole held-out
pieces, up to 150,000 tokens of each set. Minutes are those of the steps up to the weights that were
kept, without examinations and what came after. "After" stands before what the weights that a
version began with had seen and taken. The data of v2 to v8 have no clear licence and are for
research; MAESTRO, which v8 has learnt from as well, is CC BY-NC-SA 4.0.
"""
INFILL_NOTE = """
Bars in the middle of the openings of held-out pieces, foretold with the bars behind them in sight
and without. What the first is below the second is what a version makes of the music that its
infilling has to lead to.
"""
REFERENCE_NOTE = """
The reference's validation losses (nats a token) were measured on windows of pieces that it had also
trained on: they are quoted here and cannot be compared with anything above.
"""
SAMPLES_NOTE = """
Pieces generated through the running service with fixed seeds, against excerpts of held-out pieces
of the same length, put on the grid that versions write on; where a version learnt from several
sets, excerpts of each in the proportion in which it was learnt from. A trait's distance is the mean
gap between the quantiles of the two sides, in standard deviations of the held-out side: 0 is alike,
and no trait is better for being higher. The longest copied run counts notes with the same intervals
and distances in time, in any key, as some training piece; held-out excerpts, which nobody copied,
have such runs, too.
"""
MEANS_NOTE = """
The means behind the distances: generated pieces, and held-out excerpts in brackets.
"""
TRAITS = {
    "pitch_class_entropy_bits": "pitch-class entropy",
    "scale_consistency": "scale",
    "groove_consistency": "groove",
    "notes_per_bar": "notes per bar",
    "polyphony": "polyphony",
    "repetition_share": "repetition",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: its head, and how a version fills it."""

    head: str
    cell: Callable[[ModelVersion], str]


def write_report(versions: Sequence[ModelVersion], folder: Path) -> list[Path]:
    """Write table, JSON and pictures of these versions into a folder; what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = plots.draw_all(versions, folder)
    content = {version.version: entry(version) for version in versions}
    (folder / JSON).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    document = markdown(versions, pictures, leak.section(versions, folder))
    (folder / MARKDOWN).write_text(document, encoding="utf-8")
    return [folder / JSON, folder / MARKDOWN, *(folder / name for name, _ in pictures)]


def entry(version: ModelVersion) -> dict[str, Any]:
    """A version in the JSON file."""
    return {
        "sha256": version.sha256,
        "data": version.data,
        "training": {
            key: value for key, value in version.training.items() if key != "learning_curve"
        },
        "evaluation": version.evaluation,
        "reference": REFERENCE.get(version.version),
    }


def markdown(
    versions: Sequence[ModelVersion], pictures: Sequence[tuple[str, str]], leaky: str
) -> str:
    """The whole document; `leaky` is the section on what a leaky split hides, or nothing."""
    judged = [version for version in versions if _samples(version)]
    fill_in = [version for version in versions if version.evaluation.get("infill", {}).get("notes")]
    sections = [
        HEAD,
        "## Held-out surprise, size and training",
        _table(versions, SURPRISE),
        *(f"![{caption}]({name})" for name, caption in pictures[:2]),
        "## What sight of the bars behind a gap is worth",
        INFILL_NOTE,
        _table(fill_in, INFILL),
        "## Vocabularies beside the reference's",
        _table(versions, VOCABULARIES),
        REFERENCE_NOTE,
        leaky,
        "## What they write, beside what people wrote",
        SAMPLES_NOTE,
        _table(judged, SAMPLES),
        MEANS_NOTE if judged else "",
        _table(judged, MEANS) if judged else "",
        *(f"![{caption}]({name})" for name, caption in pictures[2:]),
    ]
    return "\n\n".join(section.strip() for section in sections if section) + "\n"


def _table(versions: Sequence[ModelVersion], columns: Sequence[Column]) -> str:
    if not versions:
        return "Nothing was measured yet."
    heads = [column.head for column in columns]
    rows = [[column.cell(version) for column in columns] for version in versions]
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _samples(version: ModelVersion) -> dict[str, Any]:
    found: dict[str, Any] = version.evaluation.get("samples", {})
    return found


def _figure(value: object, digits: int = 2) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.{digits}f}" if isinstance(value, float) else UNKNOWN


def _evaluated(name: str, digits: int = 2) -> Callable[[ModelVersion], str]:
    return lambda version: _figure(version.evaluation.get(name), digits)


def _infilled(name: str) -> Callable[[ModelVersion], str]:
    return lambda version: _figure(version.evaluation["infill"][name], 3)


def _counted(name: str) -> Callable[[ModelVersion], str]:
    return lambda version: _figure(_samples(version)[name])


def _trait(name: str) -> Callable[[ModelVersion], str]:
    return lambda version: _figure(_samples(version)["traits"][name]["distance"])


def _means(name: str) -> Callable[[ModelVersion], str]:
    def cell(version: ModelVersion) -> str:
        trait = _samples(version)["traits"][name]
        return f"{trait['samples_mean']:.2f} ({trait['held_out_mean']:.2f})"

    return cell


def _copied(side: str) -> Callable[[ModelVersion], str]:
    def cell(version: ModelVersion) -> str:
        lengths = _samples(version)["longest_copied_notes"][side]
        return f"{lengths['median']:.0f} / {lengths['p95']:.0f} / {lengths['max']}"

    return cell


def _data(version: ModelVersion) -> str:
    return ", ".join(each["name"] for each in version.data.get("sets", []))


def _held_out(version: ModelVersion) -> str:
    return _figure(version.evaluation.get("held_out", {}).get("pieces"))


def _by_set(version: ModelVersion) -> str:
    sets = plots.surprise_by_set(version)
    return ", ".join(f"{name} {_figure(nats, 3)}" for name, nats in sets.items())


def _before(version: ModelVersion, name: str) -> float:
    """What the weights that it began with had cost, all the way back."""
    base, cost = version.training.get("base"), 0.0
    while base is not None:
        cost += base.get(name) or 0
        base = base.get("base")
    return cost


def _with_before(name: str, unit: float = 1) -> Callable[[ModelVersion], str]:
    """Its own, and what came before it."""

    def cell(version: ModelVersion) -> str:
        own, before = version.training.get(name, 0) / unit, _before(version, name) / unit
        return f"{own:,.0f} after {before:,.0f}" if before else f"{own:,.0f}"

    return cell


def _reference(version: ModelVersion, name: str) -> str:
    return _figure(REFERENCE.get(version.version, {}).get(name), 3)


VERSION = Column(head="version", cell=lambda version: version.version)
SURPRISE = (
    VERSION,
    Column(head="learnt from", cell=_data),
    Column(head="nats per note", cell=_evaluated("nats_per_note", 3)),
    Column(head="by set", cell=_by_set),
    Column(head="bits per second", cell=_evaluated("bits_per_second", 1)),
    Column(head="held-out pieces", cell=_held_out),
    Column(
        head="tokens per note", cell=lambda version: _figure(version.data.get("tokens_per_note"))
    ),
    Column(
        head="million weights",
        cell=lambda version: _figure(version.training.get("parameters", 0) / 1e6, 1),
    ),
    Column(head="tokens seen", cell=_with_before("tokens")),
    Column(head="minutes of training", cell=_with_before("seconds", 60)),
    Column(head="what ended it", cell=lambda version: str(version.training.get("ended", UNKNOWN))),
)
INFILL = (
    VERSION,
    Column(head="notes", cell=_infilled("notes")),
    Column(head="nats per note with sight", cell=_infilled("nats_per_note_with_sight")),
    Column(head="without", cell=_infilled("nats_per_note_without")),
)
VOCABULARIES = (
    VERSION,
    Column(head="vocabulary", cell=lambda version: _figure(version.data.get("vocabulary"))),
    Column(head="reference's", cell=lambda version: _reference(version, "vocabulary")),
    Column(
        head="reference's validation loss",
        cell=lambda version: _reference(version, "validation_loss"),
    ),
)
SAMPLES = (
    VERSION,
    Column(head="pieces", cell=_counted("pieces")),
    Column(head="silent", cell=_counted("silent")),
    Column(head="bars", cell=_counted("bars")),
    Column(head="excerpts", cell=_counted("excerpts")),
    *(Column(head=head, cell=_trait(name)) for name, head in TRAITS.items()),
    Column(head="copied notes: median / 95 % / longest", cell=_copied("samples")),
    Column(head="the same, held-out", cell=_copied("held_out")),
)
MEANS = (VERSION, *(Column(head=head, cell=_means(name)) for name, head in TRAITS.items()))
