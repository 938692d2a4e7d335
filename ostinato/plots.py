"""The pictures of the report: surprise, learning curves, traits and copies, as SVG.

Drawn from cards, the same bytes for the same cards. Refuses to know where they are shown.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.schemas.models import ModelVersion

INK, ACCENT, PALE = "#3b4252", "#2a7f8e", "#b8c4ce"
SERIES = ("#2a7f8e", "#c8553d", "#588157", "#7b5ea7", "#d4a017", "#3b6ea5", "#9c6644", "#6b7280")
SYMBOLS = "pitch and chord symbols"

Draw = Callable[[Axes, Sequence[ModelVersion]], None]


def draw_all(versions: Sequence[ModelVersion], folder: Path) -> list[tuple[str, str]]:
    """Write every picture for which there are figures; its file's name and what it shows."""
    judged = [version for version in versions if "samples" in version.evaluation]
    pictures: list[tuple[str, str, Draw, Sequence[ModelVersion]]] = [
        ("evaluation-nats.svg", "Held-out surprise of each version", _nats, versions),
        ("evaluation-curves.svg", "Held-out surprise while it was trained", _curves, versions),
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
        _save(folder / name, caption, draw, shown)
    return [(name, caption) for name, caption, _, _ in written]


def _save(path: Path, title: str, draw: Draw, versions: Sequence[ModelVersion]) -> None:
    with rc_context({"svg.hashsalt": path.name, "font.size": 10}):
        figure = Figure(figsize=(8, 4.2), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, color=INK)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes, versions)
        figure.savefig(path, metadata={"Date": None})


def _nats(axes: Axes, versions: Sequence[ModelVersion]) -> None:
    values = [version.evaluation["nats_per_note"] for version in versions]
    colours = [PALE if _knows_pitch_only(version) else ACCENT for version in versions]
    bars = axes.bar([version.version for version in versions], values, color=colours)
    axes.bar_label(bars, fmt="%.2f", color=INK, padding=2)
    axes.set_ylabel("nats a note, held out")
    axes.set_xlabel("pale: pitch symbols only, neither rhythm nor force")


def _knows_pitch_only(version: ModelVersion) -> bool:
    return bool(version.training.get("recipe", {}).get("tokens") == SYMBOLS)


def _curves(axes: Axes, versions: Sequence[ModelVersion]) -> None:
    for colour, version in zip(SERIES, versions, strict=False):
        curve: list[dict[str, Any]] = version.training.get("learning_curve", [])
        axes.plot(
            [point["tokens"] / 1e6 for point in curve],
            [point["held_out_nats_per_note"] for point in curve],
            color=colour,
            marker="o",
            markersize=3,
            label=version.version,
        )
    axes.set_xscale("log")
    axes.set_xlabel("million tokens seen")
    axes.set_ylabel("nats a note, held out")
    axes.grid(axis="y", linewidth=0.4)
    axes.legend(frameon=False, ncols=2)


def _traits(axes: Axes, versions: Sequence[ModelVersion]) -> None:
    names = list(versions[0].evaluation["samples"]["traits"])
    for place, (colour, version) in enumerate(zip(SERIES, versions, strict=False)):
        traits = version.evaluation["samples"]["traits"]
        rows = [row + 0.08 * (place - len(versions) / 2) for row in range(len(names))]
        distances = [traits[name]["distance"] for name in names]
        axes.plot(distances, rows, "o", color=colour, label=version.version, markersize=5)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_xlabel("standard deviations of held-out music; 0: alike")
    axes.set_xlim(left=0)
    axes.grid(axis="x", linewidth=0.4)
    axes.legend(frameon=False)


def _copies(axes: Axes, versions: Sequence[ModelVersion]) -> None:
    for side, colour, shift in (("samples", ACCENT, -0.2), ("held_out", PALE, 0.2)):
        found = [
            version.evaluation["samples"]["longest_copied_notes"][side] for version in versions
        ]
        places = [at + shift for at in range(len(versions))]
        label = "generated" if side == "samples" else "held out"
        bars = axes.bar(places, [each["median"] for each in found], 0.38, color=colour, label=label)
        axes.bar_label(bars, fmt="%.0f", color=INK, padding=2)
        axes.plot(places, [each["max"] for each in found], "_", color=INK, markersize=12)
    axes.set_xticks(range(len(versions)), [version.version for version in versions])
    axes.set_ylabel("notes; bar: median, line: longest")
    axes.legend(frameon=False)


def _longest_copied(version: ModelVersion) -> dict[str, Any]:
    copied: dict[str, Any] = version.evaluation["samples"]["longest_copied_notes"]
    return copied
