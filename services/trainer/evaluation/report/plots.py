"""The pictures of the report: surprise, learning curves, traits, copies and the leak, as SVG.

Drawn from cards, the same bytes for the same cards. Refuses to know where they are shown.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from ostinato.schemas.models import ModelVersion

INK, ACCENT, PALE = "#3b4252", "#2a7f8e", "#b8c4ce"
SERIES = ("#2a7f8e", "#c8553d", "#588157", "#7b5ea7", "#d4a017", "#3b6ea5", "#9c6644", "#6b7280")
SYMBOLS = "pitch and chord symbols"

Draw = Callable[[Axes, Sequence[ModelVersion]], None]


def draw_all(versions: Sequence[ModelVersion], folder: Path) -> list[tuple[str, str]]:
    """Write every picture for which there are figures; its file's name and what it shows."""
    scored = [version for version in versions if "nats_per_note" in version.evaluation]
    judged = [version for version in versions if "samples" in version.evaluation]
    pictures: list[tuple[str, str, Draw, Sequence[ModelVersion]]] = [
        ("evaluation-nats.svg", "Held-out surprise of each version", _nats, scored),
        (
            "evaluation-curves.svg",
            "Surprise at the beginnings of held-out pieces while it was trained",
            _curves,
            versions,
        ),
        ("evaluation-traits.svg", "Distance of each trait from held-out music", _traits, judged),
        (
            "evaluation-copies.svg",
            "Longest run of notes shared with training music",
            _copies,
            judged,
        ),
    ]
    written = [picture for picture in pictures if picture[3]]
    for name, caption, draw, shown in written:
        with _picture(folder / name, caption) as axes:
            draw(axes, shown)
    return [(name, caption) for name, caption, _, _ in written]


def draw_sides(path: Path, title: str, nats: Mapping[str, float]) -> None:
    """Draw what the same weights score on several sides, in nats a token."""
    with _picture(path, title, height=2.2) as axes:
        bars = axes.barh(list(nats), list(nats.values()), color=[PALE, ACCENT], height=0.6)
        axes.bar_label(bars, fmt="%.3f", color=INK, padding=3)
        axes.invert_yaxis()
        axes.set_xlabel("nats a token")
        axes.margins(x=0.1)


@contextmanager
def _picture(path: Path, title: str, *, height: float = 4.2) -> Iterator[Axes]:
    """Axes to draw on; the file is written afterwards."""
    with rc_context({"svg.hashsalt": path.name, "font.size": 10}):
        figure = Figure(figsize=(8, height), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        yield axes
        figure.savefig(path, metadata={"Date": None})


def surprise_by_set(version: ModelVersion) -> dict[str, float]:
    """Nats a note on each set that it learnt from, in the card's order; empty if it knows but one.

    A mixture of several sets says nothing beside a version that learnt from one of them.
    """
    judged: dict[str, dict[str, float]] = version.evaluation.get("by_set", {})
    sets = [each["name"] for each in version.data["sets"]] if len(judged) > 1 else []
    return {name: judged[name]["nats_per_note"] for name in sets if name in judged}


def _surprises(version: ModelVersion) -> list[tuple[list[str], float]]:
    """Its bars: the words of a set's name where there are several, and how high each is."""
    by_set = [(name.split("-"), nats) for name, nats in surprise_by_set(version).items()]
    return by_set or [([], version.evaluation["nats_per_note"])]


def _nats(axes: Axes, versions: Sequence[ModelVersion]) -> None:
    shown = [
        ("\n".join([version.version, *words]), nats, version)
        for version in versions
        for words, nats in _surprises(version)
    ]
    names, values, of = zip(*shown, strict=True)
    colours = [PALE if _knows_pitch_only(version) else ACCENT for version in of]
    bars = axes.bar(names, values, color=colours)
    axes.bar_label(bars, fmt="%.2f", color=INK, padding=2)
    axes.set_ylabel("nats a note, held out")
    axes.set_xlabel("pale: pitch symbols only, neither rhythm nor force")


def _knows_pitch_only(version: ModelVersion) -> bool:
    return bool(version.training.get("recipe", {}).get("tokens") == SYMBOLS)


def _curves(axes: Axes, versions: Sequence[ModelVersion]) -> None:
    for colour, version in zip(cycle(SERIES), versions, strict=False):
        curve: list[dict[str, Any]] = version.training.get("learning_curve", [])
        pitch_only = _knows_pitch_only(version)
        axes.plot(
            [point["tokens"] / 1e6 for point in curve],
            [point["held_out_nats_per_note"] for point in curve],
            color=colour,
            alpha=0.5 if pitch_only else 1,
            linestyle="--" if pitch_only else "-",
            marker="o",
            markersize=3,
            label=version.version,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("million tokens seen; dashed: pitch symbols only, neither rhythm nor force")
    axes.set_ylabel("nats a note, beginnings of held-out pieces")
    axes.grid(axis="y", linewidth=0.4)
    _legend(axes)


def _traits(axes: Axes, versions: Sequence[ModelVersion]) -> None:
    names = list(versions[0].evaluation["samples"]["traits"])
    step = 0.7 / len(versions)
    for place, (colour, version) in enumerate(zip(cycle(SERIES), versions, strict=False)):
        traits = version.evaluation["samples"]["traits"]
        rows = [row + step * (place - (len(versions) - 1) / 2) for row in range(len(names))]
        distances = [traits[name]["distance"] for name in names]  # None is left out
        points = axes.plot(distances, rows, "o", color=colour, label=version.version, markersize=5)
        points[0].set_clip_on(False)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_yticks([row + 0.5 for row in range(len(names) - 1)], minor=True)
    axes.tick_params(axis="y", which="both", length=0)
    axes.invert_yaxis()
    axes.set_xlabel("standard deviations of held-out music; 0: alike")
    axes.set_xlim(left=0)
    axes.grid(axis="x", linewidth=0.4)
    axes.grid(axis="y", which="minor", linewidth=0.4)
    _legend(axes)


def _copies(axes: Axes, versions: Sequence[ModelVersion]) -> None:
    for side, colour, on_it, shift in (
        ("samples", ACCENT, "white", -0.2),
        ("held_out", PALE, INK, 0.2),
    ):
        found = [
            version.evaluation["samples"]["longest_copied_notes"][side] for version in versions
        ]
        places = [at + shift for at in range(len(versions))]
        label = "generated" if side == "samples" else "held out"
        medians, longest = ([each[name] for each in found] for name in ("median", "max"))
        axes.vlines(places, medians, longest, color=INK, linewidth=0.8)
        axes.plot(places, [each["p95"] for each in found], "_", color=INK, markersize=9)
        bars = axes.bar(places, medians, 0.38, color=colour, label=label)
        axes.bar_label(bars, fmt="%.0f", color=on_it, label_type="center")
        for at, notes in zip(places, longest, strict=True):
            axes.text(at, notes, f"{notes}", color=INK, ha="center", va="bottom")
    axes.set_xticks(range(len(versions)), [version.version for version in versions])
    axes.margins(y=0.1)
    axes.set_ylabel("notes")
    axes.set_xlabel(
        "bar: median; dash: 95 of 100 pieces have no longer one; top of the line: longest"
    )
    _legend(axes)


def _legend(axes: Axes) -> None:
    """Beside the picture, where it hides nothing."""
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
