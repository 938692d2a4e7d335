"""SVG figures of the report: likelihood, curves, features, overlap, leakage.

Equal cards give equal bytes.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from ostinato.schemas.evaluations import LengthSummary, SampleEvaluation
from ostinato.schemas.models import ModelCard
from services.trainer.recipes.recipe import TokenizerKind

INK, ACCENT, PALE = "#3b4252", "#2a7f8e", "#b8c4ce"
SERIES = ("#2a7f8e", "#c8553d", "#588157", "#7b5ea7", "#d4a017", "#3b6ea5", "#9c6644", "#6b7280")
PITCH_ONLY = "pitch symbols only, no rhythm or velocity"

Draw = Callable[[Axes, Sequence[ModelCard]], None]


def draw_all(cards: Sequence[ModelCard], folder: Path) -> list[tuple[str, str]]:
    """Draw every figure for which there is data; returns file names and captions."""
    scored = [card for card in cards if card.evaluation.nats_per_note is not None]
    sampled = [card for card in cards if card.evaluation.samples is not None]
    figures: list[tuple[str, str, Draw, Sequence[ModelCard]]] = [
        ("evaluation-nats.svg", "Held-out likelihood of each version", _draw_nats, scored),
        (
            "evaluation-curves.svg",
            "Likelihood of held-out pieces during training",
            _draw_curves,
            cards,
        ),
        (
            "evaluation-features.svg",
            "Distance of each feature from held-out music",
            _draw_features,
            sampled,
        ),
        (
            "evaluation-overlap.svg",
            "Longest passage shared with training music",
            _draw_overlap,
            sampled,
        ),
    ]
    drawn = [figure for figure in figures if figure[3]]
    for name, caption, draw, shown in drawn:
        with _figure(folder / name, caption) as axes:
            draw(axes, shown)
    return [(name, caption) for name, caption, _, _ in drawn]


def draw_sides(path: Path, title: str, nats: Mapping[str, float]) -> None:
    """Draw the scores of the same weights on several sides, in nats per token."""
    with _figure(path, title, height=2.2) as axes:
        bars = axes.barh(list(nats), list(nats.values()), color=[PALE, ACCENT], height=0.6)
        axes.bar_label(bars, fmt="%.3f", color=INK, padding=3)
        axes.invert_yaxis()
        axes.set_xlabel("nats per token")
        axes.margins(x=0.1)


@contextmanager
def _figure(path: Path, title: str, *, height: float = 4.2) -> Iterator[Axes]:
    """Axes to draw on; the file is written when the block ends."""
    with rc_context({"svg.hashsalt": path.name, "font.size": 10}):
        figure = Figure(figsize=(8, height), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        yield axes
        figure.savefig(path, metadata={"Date": None})


def nats_per_note_by_dataset(card: ModelCard) -> dict[str, float]:
    """The value of a version on each of its data sets; empty if it has only one data set.

    The value over a mixture cannot be compared with that of a version of only one data set.
    """
    scores = card.evaluation.by_dataset
    names = [dataset.name for dataset in card.data.datasets] if len(scores) > 1 else []
    return {name: scores[name].nats_per_note for name in names if name in scores}


def _bars(card: ModelCard) -> list[tuple[list[str], float | None]]:
    """The bars of a version: the words of each data set's name, if it has several; heights."""
    by_dataset = nats_per_note_by_dataset(card)
    if not by_dataset:
        return [([], card.evaluation.nats_per_note)]
    return [(name.split("-"), nats) for name, nats in by_dataset.items()]


def _draw_nats(axes: Axes, cards: Sequence[ModelCard]) -> None:
    shown = [
        ("\n".join([card.version, *words]), nats, card)
        for card in cards
        for words, nats in _bars(card)
    ]
    names, values, shown_cards = zip(*shown, strict=True)
    colors = [PALE if _is_pitch_only(card) else ACCENT for card in shown_cards]
    bars = axes.bar(names, values, color=colors)
    axes.bar_label(bars, fmt="%.2f", color=INK, padding=2)
    axes.set_ylabel("nats per note, held out")
    axes.set_xlabel(f"pale: {PITCH_ONLY}")


def _is_pitch_only(card: ModelCard) -> bool:
    recipe = card.training.recipe
    return recipe is not None and recipe.tokenizer == TokenizerKind.PITCH_SYMBOLS


def _draw_curves(axes: Axes, cards: Sequence[ModelCard]) -> None:
    for color, card in zip(cycle(SERIES), cards, strict=False):
        curve = card.training.learning_curve
        pitch_only = _is_pitch_only(card)
        axes.plot(
            [point.tokens / 1e6 for point in curve],
            [point.held_out_nats_per_note for point in curve],
            color=color,
            alpha=0.5 if pitch_only else 1,
            linestyle="--" if pitch_only else "-",
            marker="o",
            markersize=3,
            label=card.version,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"million tokens seen; dashed: {PITCH_ONLY}")
    axes.set_ylabel("nats per note, held-out pieces")
    axes.grid(axis="y", linewidth=0.4)
    _add_legend(axes)


def _samples(cards: Sequence[ModelCard]) -> list[SampleEvaluation]:
    return [card.evaluation.samples for card in cards if card.evaluation.samples is not None]


def _draw_features(axes: Axes, cards: Sequence[ModelCard]) -> None:
    samples = _samples(cards)
    names = list(samples[0].features)
    spacing = 0.7 / len(cards)
    series = zip(cycle(SERIES), cards, samples, strict=False)
    for index, (color, card, evaluation) in enumerate(series):
        rows = [row + spacing * (index - (len(cards) - 1) / 2) for row in range(len(names))]
        distances = [_distance(evaluation, name) for name in names]
        points = axes.plot(distances, rows, "o", color=color, label=card.version, markersize=5)
        points[0].set_clip_on(False)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_yticks([row + 0.5 for row in range(len(names) - 1)], minor=True)
    axes.tick_params(axis="y", which="both", length=0)
    axes.invert_yaxis()
    axes.set_xlabel("standard deviations of held-out music; 0: equal")
    axes.set_xlim(left=0)
    axes.grid(axis="x", linewidth=0.4)
    axes.grid(axis="y", which="minor", linewidth=0.4)
    _add_legend(axes)


def _distance(samples: SampleEvaluation, feature: str) -> float:
    """The distance; NaN, which matplotlib skips, if the held-out side does not vary."""
    distance = samples.features[feature].distance
    return math.nan if distance is None else distance


def _draw_overlap(axes: Axes, cards: Sequence[ModelCard]) -> None:
    overlaps = [samples.training_overlap for samples in _samples(cards)]
    generated = [overlap.samples for overlap in overlaps]
    held_out = [overlap.held_out for overlap in overlaps]
    _draw_lengths(axes, generated, "generated", (ACCENT, "white"), shift=-0.2)
    _draw_lengths(axes, held_out, "held out", (PALE, INK), shift=0.2)
    axes.set_xticks(range(len(cards)), [card.version for card in cards])
    axes.margins(y=0.1)
    axes.set_ylabel("notes")
    axes.set_xlabel("bar: median; dash: 95th percentile; top of the line: maximum")
    _add_legend(axes)


def _draw_lengths(
    axes: Axes,
    lengths: Sequence[LengthSummary],
    label: str,
    colors: tuple[str, str],
    *,
    shift: float,
) -> None:
    """Draw one side of the overlaps; `colors` are the colors of the bars and of their text."""
    positions = [index + shift for index in range(len(lengths))]
    medians = [summary.median for summary in lengths]
    maxima = [summary.max for summary in lengths]
    axes.vlines(positions, medians, maxima, color=INK, linewidth=0.8)
    axes.plot(positions, [summary.p95 for summary in lengths], "_", color=INK, markersize=9)
    bars = axes.bar(positions, medians, 0.38, color=colors[0], label=label)
    axes.bar_label(bars, fmt="%.0f", color=colors[1], label_type="center")
    for position, notes in zip(positions, maxima, strict=True):
        axes.text(position, notes, f"{notes}", color=INK, ha="center", va="bottom")


def _add_legend(axes: Axes) -> None:
    """Add a legend beside the axes, where it covers no data."""
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
