"""The sweeps of sampling parameters as JSON and Markdown."""

import json
from collections.abc import Iterator
from pathlib import Path

from services.trainer.evaluation.report.tables import FEATURES
from services.trainer.evaluation.sampling_sweep import STUCK_SHARE, SettingRecord, SweepRecord

JSON, MARKDOWN = "sampling.json", "sampling.md"

INTRODUCTION = f"""# Sampling defaults of the versions

Written by `python -m services.trainer.cli.sampling_sweep`; `sampling.json` contains all settings.
A version's defaults are in `generation_config.json` of its checkpoint folder and in
`capabilities.sampling` of `GET /v1/models`; a request overrides each of them. The settings of a
grid of temperature and min-p generated melodies of eight bars with the same seeds. The distance is
the mean of the features' distances to excerpts of held-out pieces (mean gap between the quantiles,
in standard deviations of the held-out side). A piece is stuck if one pitch class has
{STUCK_SHARE:.0%} of its notes. The cost is the distance, plus the share of stuck melodies above
that of the excerpts. The four cheapest settings, and temperature 1 with min-p
0.01, which was the default of all versions, were compared again with more melodies; the cheapest
of these is the default. The defaults were chosen on held-out music, so distances measured at
them are slightly optimistic.
"""
HEADS = ("temperature", "min-p", "melodies", "cost", "distance", *FEATURES.values(), "stuck")


def read_sweeps(folder: Path) -> dict[str, SweepRecord]:
    """The sweeps in a folder, by version; none if it has no file of them."""
    path = folder / JSON
    if not path.exists():
        return {}
    content = json.loads(path.read_bytes())
    return {name: SweepRecord.model_validate(record) for name, record in content.items()}


def write_sweeps(sweeps: dict[str, SweepRecord], folder: Path) -> None:
    """Write the JSON and the Markdown file into a folder.

    Raises:
        OSError: a file cannot be written.
    """
    ordered = dict(sorted(sweeps.items()))
    content = {name: record.model_dump(mode="json") for name, record in ordered.items()}
    (folder / JSON).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    sections = [INTRODUCTION, *(_section(record) for record in ordered.values())]
    (folder / MARKDOWN).write_text("\n\n".join(map(str.strip, sections)) + "\n", encoding="utf-8")


def _section(record: SweepRecord) -> str:
    chosen = record.chosen.sampling
    usual = record.held_out_stuck_share
    rows = sorted(record.finalists, key=lambda each: each.cost(usual))
    lines = [HEADS, ["---"] * len(HEADS), *(list(_cells(row, usual)) for row in rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return (
        f"## {record.version}\n\n"
        f"Temperature {chosen.temperature:g}, min-p {chosen.min_p:g}; {record.num_excerpts} "
        f"excerpts, of which {record.held_out_stuck_share:.0%} are as stuck.\n\n{table}"
    )


def _cells(record: SettingRecord, held_out_stuck_share: float) -> Iterator[str]:
    yield f"{record.sampling.temperature:g}"
    yield f"{record.sampling.min_p:g}"
    yield f"{record.num_melodies:,}"
    yield f"{record.cost(held_out_stuck_share):.2f}"
    yield f"{record.distance:.2f}"
    yield from (f"{record.features[name]:.2f}" if record.features else "-" for name in FEATURES)
    yield f"{record.stuck_share:.0%}"
