"""The report of the fault matrix: docs/chaos.json, and docs/chaos.md as a table."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

HEADER = """# Faults

Written by `make chaos`. A fault is injected at a moment (window) in the life of a job of {count}
melodies that a client follows, while other clients submit small jobs. Afterwards every accepted
job has to end with each of its melodies once, with the bytes of a run without faults, and the
client must have received each note once. `recovery` is the time from the fault to the end of the
job. `OSTINATO_CHAOS_SEED` repeats a run with the same requests.

| fault | window | survived | lost | doubled | bytes equal | recovery, s | other jobs | seed |
|---|---|---|---:|---:|---|---:|---:|---:|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a fault in a window did."""

    fault: str
    window: str
    survived: bool
    lost: int
    """Melodies that are missing."""
    doubled: int
    bytes_equal: bool
    recovery_s: float
    other_jobs: int
    seed: int


def write_report(folder: Path, outcomes: Sequence[Outcome], count: int) -> None:
    """Write the outcomes of this run; those of runs with other seeds stay."""
    path = folder / "chaos.json"
    rows = json.loads(path.read_text()) if path.exists() else []
    seeds = {outcome.seed for outcome in outcomes}
    rows = [row for row in rows if row["seed"] not in seeds] + [asdict(row) for row in outcomes]
    path.write_text(json.dumps(rows, indent=1) + "\n")
    lines = "".join(map(_line, rows))
    (folder / "chaos.md").write_text(HEADER.format(count=count) + lines)


def _line(row: dict[str, object]) -> str:
    def words(name: str) -> str:
        return str(row[name]).replace("_", " ")

    def mark(name: str) -> str:
        return "yes" if row[name] else "**no**"

    return (
        f"| {words('fault')} | {words('window')} | {mark('survived')} | {row['lost']} "
        f"| {row['doubled']} | {mark('bytes_equal')} | {row['recovery_s']:.1f} "
        f"| {row['other_jobs']} | {row['seed']} |\n"
    )
