"""Written rows can be read again, and a partial run keeps the other rows."""

import json
from pathlib import Path

from tests.benchmarks import report
from tests.benchmarks.result import Row

MACHINE = "A processor, 2 cores"
FAST = Row.of_rates("1 sequence, tokens/s", 300.0, "a baseline", 100.0, 1.0)
SLOW = Row.of_times("first note, seconds", 0.4, "the limit", 0.3, 1.0)


def test_written_rows_can_be_read(tmp_path: Path) -> None:
    report.write([FAST, SLOW], MACHINE, tmp_path)
    assert report.read(tmp_path, MACHINE) == [FAST, SLOW]
    written = json.loads((tmp_path / "benchmarks.json").read_bytes())
    assert list(written[0]) == ["name", "ostinato", "baseline", "baseline_value", "ratio", "goal"]


def test_a_later_run_replaces_the_rows_of_the_same_name_and_baseline(tmp_path: Path) -> None:
    report.write([FAST, SLOW], MACHINE, tmp_path)
    later = Row.of_rates("1 sequence, tokens/s", 400.0, "a baseline", 100.0, 1.0)
    report.write([later], MACHINE, tmp_path)
    assert report.read(tmp_path, MACHINE) == [later, SLOW]


def test_rows_of_another_machine_are_not_kept(tmp_path: Path) -> None:
    report.write([FAST], MACHINE, tmp_path)
    report.write([SLOW], "Another processor, 64 cores", tmp_path)
    assert report.read(tmp_path, "Another processor, 64 cores") == [SLOW]


def test_the_text_contains_the_machine_missed_goals_and_every_plot(tmp_path: Path) -> None:
    report.write([FAST, SLOW], MACHINE, tmp_path)
    text = (tmp_path / "benchmarks.md").read_text()
    assert MACHINE in text
    assert "| 3.00 | 1.00 | reached |" in text
    assert "| 0.75 | 1.00 | missed by 25% |" in text
    plots = list(tmp_path.glob("*.svg"))
    assert plots
    assert all(plot.name in text for plot in plots)
