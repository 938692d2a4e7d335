"""Plots of the benchmark rows: ratio to each goal, and decoding rates."""

from collections.abc import Callable, Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.benchmarks.result import Row

OSTINATO = "Ostinato"
INK, ACCENT, PALE, MISSED = "#3b4252", "#2a7f8e", "#b8c4ce", "#c8553d"
DECODING_PREFIXES = ("1 sequence, ", "32 sequences, ", "64 sequences, ")
"""Prefixes of the names of the rows in the second plot, in its order."""


def plot_all(rows: Sequence[Row], folder: Path) -> list[tuple[str, str]]:
    """Write every plot for which there are rows, and return file names and captions."""
    decoding = [row for row in rows if row.name.startswith(DECODING_PREFIXES)]
    plots: list[tuple[str, str, Callable[[Axes, Sequence[Row]], None], Sequence[Row]]] = [
        ("benchmarks-goals.svg", "Ratio divided by goal", _draw_goals, rows),
        ("benchmarks-decoding.svg", "Tokens per second", _draw_decoding, decoding),
    ]
    written = [plot for plot in plots if plot[3]]
    for name, caption, draw, shown in written:
        with rc_context({"svg.hashsalt": name, "font.size": 10}):
            figure = Figure(figsize=(9, 1.2 + 0.4 * len(shown)), layout="constrained")
            axes = figure.add_subplot()
            axes.set_title(caption, color=INK)
            axes.spines[["top", "right"]].set_visible(False)
            draw(axes, shown)
            figure.savefig(folder / name, metadata={"Date": None})
    return [(name, caption) for name, caption, _, _ in written]


def _draw_goals(axes: Axes, rows: Sequence[Row]) -> None:
    names = [f"{row.name}: {row.baseline}" for row in rows]
    ratios = [row.ratio / row.goal for row in rows]
    colors = [ACCENT if row.reached else MISSED for row in rows]
    bars = axes.barh(range(len(rows)), ratios, color=colors)
    axes.bar_label(bars, fmt="%.2f", color=INK, padding=3)
    axes.set_yticks(range(len(rows)), names)
    axes.axvline(1, color=INK, linewidth=0.8)
    axes.invert_yaxis()
    axes.margins(x=0.1)


def _draw_decoding(axes: Axes, rows: Sequence[Row]) -> None:
    """One bar for each contender and number of sequences."""
    rates = {(row.name, OSTINATO): row.ostinato for row in rows}
    rates |= {(row.name, row.baseline): row.baseline_value for row in rows}

    def position(bar: tuple[str, str]) -> tuple[int, bool]:
        name, contender = bar
        return DECODING_PREFIXES.index(name.split(",")[0] + ", "), contender != OSTINATO

    order = sorted(rates, key=position)
    colors = [ACCENT if contender == OSTINATO else PALE for _, contender in order]
    names = [f"{name.partition(',')[0]}: {contender}" for name, contender in order]
    bars = axes.barh(range(len(order)), [rates[bar] for bar in order], color=colors)
    axes.bar_label(bars, fmt="{:,.0f}", color=INK, padding=3)
    axes.set_yticks(range(len(order)), names)
    axes.invert_yaxis()
    axes.margins(x=0.1)
