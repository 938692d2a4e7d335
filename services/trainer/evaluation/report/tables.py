"""Tables of the evaluation report: which values of a card make up each column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ostinato.schemas.cards import BaseRecord
from ostinato.schemas.evaluations import SampleEvaluation
from ostinato.schemas.models import ModelCard
from services.trainer.evaluation.report.plots import nats_per_note_by_dataset

REFERENCE: dict[str, dict[str, float]] = {
    "v2": {"vocab_size": 59, "megabytes": 11},
    "v3": {"vocab_size": 635, "megabytes": 11},
    "v4": {"vocab_size": 1279, "megabytes": 12},
    "v5": {"vocab_size": 629, "megabytes": 22},
    "v6": {"vocab_size": 362, "megabytes": 23, "validation_loss": 0.349},
    "v7": {"vocab_size": 512, "megabytes": 130, "validation_loss": 0.095},
    "v8": {"vocab_size": 1024, "megabytes": 131, "validation_loss": 0.920},
}
"""Values that the public reference system states for its seven versions; not reproduced here."""
UNKNOWN = "-"
FEATURES = {
    "pitch_class_entropy_bits": "pitch-class entropy",
    "scale_consistency": "scale",
    "groove_consistency": "groove",
    "notes_per_bar": "notes per bar",
    "polyphony": "polyphony",
    "repetition_share": "repetition",
}
"""Column heads of the musical features."""

Cell = Callable[[ModelCard], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: its head, and the text of its cell for a version."""

    head: str
    cell: Cell


def render(cards: Sequence[ModelCard], columns: Sequence[Column]) -> str:
    """A Markdown table with a row for each version."""
    if not cards:
        return "Nothing has been measured yet."
    heads = [column.head for column in columns]
    rows = [[column.cell(card) for column in columns] for card in cards]
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _format(value: object, digits: int = 2) -> str:
    """The text of a value; None is unknown."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.{digits}f}" if isinstance(value, float) else UNKNOWN


def _evaluation(name: str, digits: int) -> Cell:
    return lambda card: _format(getattr(card.evaluation, name), digits)


def _samples(card: ModelCard) -> SampleEvaluation:
    samples = card.evaluation.samples
    assert samples is not None  # noqa: S101 - the table has evaluated versions only
    return samples


def _count(name: str) -> Cell:
    return lambda card: _format(getattr(_samples(card), name))


def _sampling(card: ModelCard) -> str:
    sampling = _samples(card).request.resolved_sampling
    return f"{sampling.temperature:g} / {sampling.min_p:g}"


def _distance(feature: str) -> Cell:
    return lambda card: _format(_samples(card).features[feature].distance)


def _means(feature: str) -> Cell:
    def cell(card: ModelCard) -> str:
        compared = _samples(card).features[feature]
        return f"{compared.samples_mean:.2f} ({compared.held_out_mean:.2f})"

    return cell


def _overlap(side: Literal["samples", "held_out"]) -> Cell:
    def cell(card: ModelCard) -> str:
        overlap = _samples(card).training_overlap
        lengths = overlap.samples if side == "samples" else overlap.held_out
        return f"{lengths.median:.0f} / {lengths.p95:.0f} / {lengths.max}"

    return cell


def _datasets(card: ModelCard) -> str:
    return ", ".join(dataset.name for dataset in card.data.datasets)


def _num_held_out(card: ModelCard) -> str:
    held_out = card.evaluation.held_out
    return _format(held_out and held_out.num_pieces)


def _by_dataset(card: ModelCard) -> str:
    nats = nats_per_note_by_dataset(card)
    return ", ".join(f"{name} {_format(value, 3)}" for name, value in nats.items())


def _cost_of_ancestors(base: BaseRecord | None, name: Literal["tokens", "seconds"]) -> float:
    """Tokens or seconds spent on the weights that a version was initialized from, recursively."""
    if base is None:
        return 0.0
    cost: float = getattr(base, name) or 0
    return cost + _cost_of_ancestors(base.base, name)


def _cost(name: Literal["tokens", "seconds"], unit: float = 1) -> Cell:
    """The cost of the version itself, and the cost of its ancestors."""

    def cell(card: ModelCard) -> str:
        own = (getattr(card.training, name) or 0) / unit
        ancestors = _cost_of_ancestors(card.training.base, name) / unit
        return f"{own:,.0f} after {ancestors:,.0f}" if ancestors else f"{own:,.0f}"

    return cell


def _million_parameters(card: ModelCard) -> str:
    return _format((card.training.num_parameters or 0) / 1e6, 1)


def _reference(name: str) -> Cell:
    return lambda card: _format(REFERENCE.get(card.version, {}).get(name), 3)


VERSION = Column(head="version", cell=lambda card: card.version)
LIKELIHOOD = (
    VERSION,
    Column(head="trained on", cell=_datasets),
    Column(head="nats per note", cell=_evaluation("nats_per_note", 3)),
    Column(head="by data set", cell=_by_dataset),
    Column(head="bits per second", cell=_evaluation("bits_per_second", 1)),
    Column(head="held-out pieces", cell=_num_held_out),
    Column(head="tokens per note", cell=lambda card: _format(card.data.tokens_per_note)),
    Column(head="million parameters", cell=_million_parameters),
    Column(head="tokens seen", cell=_cost("tokens")),
    Column(head="minutes of training", cell=_cost("seconds", 60)),
    Column(head="stop reason", cell=lambda card: card.training.stop_reason or UNKNOWN),
)
VOCABULARIES = (
    VERSION,
    Column(head="vocabulary", cell=lambda card: _format(card.data.vocab_size)),
    Column(head="reference's vocabulary", cell=_reference("vocab_size")),
    Column(head="reference's validation loss", cell=_reference("validation_loss")),
)
SAMPLES = (
    VERSION,
    Column(head="samples", cell=_count("num_pieces")),
    Column(head="silent", cell=_count("num_silent")),
    Column(head="bars", cell=_count("bars")),
    Column(head="temperature / min-p", cell=_sampling),
    Column(head="excerpts", cell=_count("num_excerpts")),
    *(Column(head=head, cell=_distance(name)) for name, head in FEATURES.items()),
    Column(head="longest overlap in notes: median / 95 % / max", cell=_overlap("samples")),
    Column(head="held-out: median / 95 % / max", cell=_overlap("held_out")),
)
MEANS = (VERSION, *(Column(head=head, cell=_means(name)) for name, head in FEATURES.items()))
