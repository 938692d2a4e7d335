"""The report shows the measurements in the cards, and omits what was not measured."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from ostinato.schemas.cards import BaseRecord, EvaluationRecord
from ostinato.schemas.evaluations import GapSize, InfillRecord, SampleEvaluation
from services.trainer.evaluation.report import plots
from services.trainer.evaluation.report.report import json_entry, markdown, write_report
from services.trainer.evaluation.report.tables import REFERENCE
from tests.unit.services.trainer.evaluation.report.cards import (
    CARDS,
    LEAKAGE,
    SAMPLES,
    likelihood,
    version,
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the report of `CARDS`; drawing its figures takes a while."""
    folder = tmp_path_factory.mktemp("report")
    assert sorted(write_report(CARDS, folder)) == sorted(folder.iterdir())
    return folder


def row_of(text: str, name: str, section: str) -> str:
    part: str = text[text.index(section) :]
    return next(line for line in part.splitlines() if line.startswith(f"| {name}"))


def test_every_version_is_a_row_of_values_from_its_card() -> None:
    text = markdown(CARDS, [], "")
    assert row_of(text, "v7", "## Held-out") == (
        "| v7 | a, b | 3.250 |  | 30.5 | 22 | 2.50 | 33.8 | 3,000,000 | 60 | budget spent |"
    )
    assert row_of(text, "v7", "## Vocab") == "| v7 | 512 | 512 | 0.095 |"


def test_infilling_is_reported_by_data_set_and_size_of_the_gap() -> None:
    infill = InfillRecord(
        num_notes=1234,
        nats_per_note_with_right_context=3.5,
        nats_per_note_left_only=4.25,
        difference_low=-0.875,
        difference_high=-0.5,
    )
    nothing = {GapSize.THIRD: InfillRecord(num_notes=0)}
    by_gap = {GapSize.THIRD: infill, GapSize.ONE_BAR: infill}
    cards = [
        version("v6", 5.0, infill_by_dataset={"a": nothing}),
        version("v7", 4.5, infill_by_dataset={"a": nothing, "b": by_gap}),
    ]
    text = markdown(cards, [], "")
    section = text[text.index("## Infilling") : text.index("## Vocab")]
    cells = "1,234 | 3.500 | 4.250 | -0.750 (-0.875 to -0.500)"
    rows = [f"| v7 | b | one bar | {cells} |", f"| v7 | b | a third | {cells} |"]
    assert [line for line in section.splitlines() if line.startswith("| v")][1:] == rows
    assert "v6" not in section


def test_a_version_of_several_data_sets_is_reported_for_each() -> None:
    by_dataset = {"b": likelihood(7.25), "a": likelihood(4.5)}
    for scores, cell in ((by_dataset, "a 4.500, b 7.250"), ({"a": by_dataset["a"]}, "")):
        text = markdown([version("v8", 6.5, by_dataset=scores)], [], "")
        assert row_of(text, "v8", "## Held-out").startswith(f"| v8 | a, b | 6.500 | {cell} |")


def test_the_cost_of_the_ancestors_is_reported_after_the_cost_of_the_version() -> None:
    small = BaseRecord(tokens=1_600, seconds=600.0, base=BaseRecord(version="old"))
    grown = version("v8", 6.5, base=BaseRecord(tokens=900, seconds=60.0, base=small))
    row = row_of(markdown([grown], [], ""), "v8", "## Held-out")
    assert "| 3,000,000 after 2,500 | 60 after 11 |" in row


def test_the_likelihood_has_a_bar_for_each_data_set() -> None:
    several = version(
        "v8",
        6.5,
        datasets=("a-set", "b"),
        by_dataset={"a-set": likelihood(4.5), "b": likelihood(7.25)},
    )
    one = version("v7", 3.25, by_dataset={"a": likelihood(3.25)})
    axes = Figure().add_subplot()
    plots._draw_nats(axes, [one, several])
    assert [text.get_text() for text in axes.texts] == ["3.25", "4.50", "7.25"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["v7", "v8\na\nset", "v8\nb"]


def test_learning_curves_name_their_pieces_and_mark_pitch_only_versions() -> None:
    axes = Figure().add_subplot()
    plots._draw_curves(axes, [version("v2", 2.5, tokenizer="pitch_symbols"), version("v7", 3.25)])
    assert [line.get_linestyle() for line in axes.lines] == ["--", "-"]
    assert axes.get_ylabel() == "nats per note, held-out pieces"
    assert "dashed: pitch symbols only" in axes.get_xlabel()
    introduction = markdown(CARDS, [], "").partition("## ")[0].replace("\n", " ")
    assert "openings of at most 24 of each data set, or on a sample of windows" in introduction
    assert "learning curves show the likelihood of what weights were selected on" in introduction


def test_the_values_of_the_reference_system_are_marked_as_quoted() -> None:
    text = markdown(CARDS, [], "")
    assert "quoted here and cannot be compared" in text
    assert set(REFERENCE) == {"v2", "v3", "v4", "v5", "v6", "v7", "v8"}


def test_versions_without_samples_are_omitted_from_the_tables_of_samples() -> None:
    text = markdown(CARDS, [], "")
    section = text[text.index("## Samples") :]
    assert (
        "| v6 | 998 | 1 | 8 | 1 / 0.01 | 212 | 0.25 | 1.25 | 2.25 | 3.25 | 4.25 | 5.25 "
        "| 9 / 17 / 31 | 8 / 15 / 27 |"
    ) in section
    assert "| v6 | 2.00 (1.50) | 3.00 (2.50) |" in section
    assert "v7" not in section
    assert "Nothing has been measured yet." in markdown(CARDS[1:], [], "")


def test_the_json_is_an_object_keyed_by_version(report: Path) -> None:
    content: dict[str, Any] = json.loads((report / "evaluation.json").read_text())
    assert list(content) == ["v6", "v7"]
    assert content["v7"] == json_entry(CARDS[1])
    assert set(content["v7"]) == {"sha256", "data", "training", "evaluation", "reference"}
    assert content["v7"]["evaluation"]["nats_per_note"] == 3.25
    assert "learning_curve" not in content["v7"]["training"]
    assert content["v6"]["reference"]["validation_loss"] == pytest.approx(0.349)


def test_figures_are_drawn_for_available_data_and_referenced_in_the_text(
    report: Path, tmp_path: Path
) -> None:
    names = {path.name for path in report.glob("*.svg")}
    assert names == {
        "evaluation-nats.svg",
        "evaluation-curves.svg",
        "evaluation-features.svg",
        "evaluation-overlap.svg",
    }
    text = (report / "evaluation.md").read_text()
    assert all(f"]({name})" in text for name in names)
    without_samples = {path.name for path in write_report(CARDS[1:], tmp_path)}
    assert without_samples == {
        "evaluation.json",
        "evaluation.md",
        "evaluation-nats.svg",
        "evaluation-curves.svg",
    }


def test_a_version_without_evaluation_is_reported_with_dashes(tmp_path: Path) -> None:
    bare = version("v7", 3.25).model_copy(update={"evaluation": EvaluationRecord()})
    write_report([version("v6", 4.5), bare], tmp_path)
    row = row_of((tmp_path / "evaluation.md").read_text(), "v7", "## Held-out")
    assert row.startswith("| v7 | a, b | - |  | - | - |")


def test_a_feature_that_does_not_vary_has_no_distance() -> None:
    content = SAMPLES.model_dump(mode="json")
    content["features"]["polyphony"]["distance"] = None
    samples = SampleEvaluation.model_validate(content)
    cards = [version("v6", 4.5, samples=samples)]
    row = row_of(markdown(cards, [], ""), "v6", "## Samples")
    assert "| 3.25 | - | 5.25 |" in row
    plots._draw_features(axes := Figure().add_subplot(), cards)
    [points] = axes.lines
    is_omitted = np.isnan(np.asarray(points.get_xdata(), dtype=float))
    assert np.array(list(samples.features))[is_omitted].tolist() == ["polyphony"]


def test_the_same_cards_give_the_same_bytes(report: Path, tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in report.iterdir()}
    second = {path.name: path.read_bytes() for path in write_report(CARDS, tmp_path)}
    assert first == second


def test_measured_data_leakage_has_a_section_and_a_figure(report: Path, tmp_path: Path) -> None:
    assert "leaky" not in (report / "evaluation.md").read_text()
    written = write_report([version("v6", 6.5, data_leakage=LEAKAGE)], tmp_path)
    text = (tmp_path / "evaluation.md").read_text()
    section = text[text.index("## How much a leaky split hides") :]
    assert "The network of v6 was trained under such a split for 12,288,000 tokens" in section
    assert "split hides 75% of the negative log-likelihood" in section.replace("\n", " ")
    assert "| its own leaky validation windows | 0.500 |" in section
    assert "| windows of held-out pieces | 2.000 |" in section
    assert "](evaluation-data-leakage.svg)" in section
    assert tmp_path / "evaluation-data-leakage.svg" in written
    assert (tmp_path / "evaluation-data-leakage.svg").stat().st_size > 1000
