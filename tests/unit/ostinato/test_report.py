"""The report shows what the cards say, and leaves out what was not measured."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from ostinato.schemas.models import Capabilities, ModelVersion
from services.trainer.evaluation.report import plots
from services.trainer.evaluation.report.report import REFERENCE, entry, markdown, write_report
from tests.unit.ostinato.samples import some_samples

SAMPLES = some_samples().model_dump(mode="json")
LEAK = {
    "leaky_validation_nats_per_token": 0.5,
    "held_out_nats_per_token": 2.0,
    "gap_nats_per_token": 1.5,
    "tokens": 12_288_000,
    "training_windows": 98_765,
    "seed": 7,
}


def version(name: str, nats: float, **evaluation: object) -> ModelVersion:
    curve = [
        {"tokens": 1_000_000 * at, "held_out_nats_per_note": nats + 3 / at} for at in (1, 2, 3)
    ]
    return ModelVersion(
        version=name,
        sha256="ab" * 32,
        description="For a test.",
        capabilities=Capabilities(max_bars=64, primer=True, velocity=True),
        licence="none",
        data={"sets": [{"name": "a"}, {"name": "b"}], "tokens_per_note": 2.5, "vocabulary": 512},
        training={
            "parameters": 33_800_000,
            "tokens": 3_000_000,
            "seconds": 3600.0,
            "ended": "its budget was spent",
            "learning_curve": curve,
            "recipe": {"tokens": "REMI"},
        },
        evaluation={
            "nats_per_note": nats,
            "bits_per_second": 30.5,
            "held_out": {"pieces": 22},
            **evaluation,
        },
        registered_at=datetime(2026, 1, 1, tzinfo=UTC),
        promoted_at=None,
    )


VERSIONS = [version("v6", 4.5, samples=SAMPLES), version("v7", 3.25)]


def line_of(text: str, begins: str, section: str) -> str:
    part: str = text[text.index(section) :]
    return next(line for line in part.splitlines() if line.startswith(begins))


def test_every_version_is_a_line_of_figures_from_its_card() -> None:
    text = markdown(VERSIONS, [], "")
    assert line_of(text, "| v7", "## Held-out") == (
        "| v7 | a, b | 3.250 |  | 30.5 | 22 | 2.50 | 33.8 | 3,000,000 | 60 | its budget was spent |"
    )
    assert line_of(text, "| v7", "## Vocab") == "| v7 | 512 | 512 | 0.095 |"


def test_what_sight_is_worth_is_told_of_those_that_fill_in() -> None:
    seen = {"notes": 1234, "nats_per_note_with_sight": 3.5, "nats_per_note_without": 4.25}
    text = markdown([version("v6", 5.0), version("v7", 4.5, infill=seen)], [], "")
    section = text[text.index("## What sight") : text.index("## Vocab")]
    assert "| v7 | 1,234 | 3.500 | 4.250 |" in section
    assert "v6" not in section


def test_what_was_learnt_from_several_sets_is_told_by_set() -> None:
    by_set = {"b": {"nats_per_note": 7.25}, "a": {"nats_per_note": 4.5}}
    for sets, cell in ((by_set, "a 4.500, b 7.250"), ({"a": by_set["a"]}, "")):
        text = markdown([version("v8", 6.5, by_set=sets)], [], "")
        assert line_of(text, "| v8", "## Held-out").startswith(f"| v8 | a, b | 6.500 | {cell} |")


def test_what_its_first_weights_had_seen_is_told_beside_what_it_saw() -> None:
    grown = version("v8", 6.5)
    seedling = {"tokens": 1_600, "seconds": 600.0, "base": {"version": "old"}}
    grown.training["base"] = {"tokens": 900, "seconds": 60.0, "base": seedling}
    line = line_of(markdown([grown], [], ""), "| v8", "## Held-out")
    assert "| 3,000,000 after 2,500 | 60 after 11 |" in line


def test_surprise_has_a_bar_for_each_set(tmp_path: Path) -> None:
    by_set = {"a-set": {"nats_per_note": 4.5}, "b": {"nats_per_note": 7.25}}
    several = version("v8", 6.5, by_set=by_set)
    several.data["sets"] = [{"name": name} for name in by_set]
    alone = version("v7", 3.25, by_set={"a": {"nats_per_note": 3.25}})
    axes = Figure().add_subplot()
    plots._nats(axes, [alone, several])
    assert [text.get_text() for text in axes.texts] == ["3.25", "4.50", "7.25"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["v7", "v8\na\nset", "v8\nb"]


def test_curves_say_what_they_rest_on_and_which_know_pitch_alone() -> None:
    symbols = version("v2", 2.5)
    symbols.training["recipe"] = {"tokens": plots.SYMBOLS}
    axes = Figure().add_subplot()
    plots._curves(axes, [symbols, version("v7", 3.25)])
    assert [line.get_linestyle() for line in axes.lines] == ["--", "-"]
    assert axes.get_ylabel() == "nats a note, beginnings of held-out pieces"
    assert "dashed: pitch symbols only" in axes.get_xlabel()
    head = markdown(VERSIONS, [], "").partition("## ")[0].replace("\n", " ")
    assert "chosen by the beginnings of at most 24 held-out pieces of each set" in head
    assert "learning curves show the surprise at these beginnings" in head


def test_the_reference_is_quoted_and_labelled() -> None:
    text = markdown(VERSIONS, [], "")
    assert "quoted here and cannot be compared" in text
    assert set(REFERENCE) == {"v2", "v3", "v4", "v5", "v6", "v7", "v8"}


def test_what_was_not_measured_is_left_out_and_not_made_up() -> None:
    text = markdown(VERSIONS, [], "")
    written = text[text.index("## What they write") :]
    assert (
        "| v6 | 998 | 1 | 8 | 212 | 0.25 | 1.25 | 2.25 | 3.25 | 4.25 | 5.25 "
        "| 9 / 17 / 31 | 8 / 15 / 27 |"
    ) in written
    assert "| v6 | 2.00 (1.50) | 3.00 (2.50) |" in written
    assert "v7" not in written
    assert "Nothing was measured yet." in markdown(VERSIONS[1:], [], "")


def test_the_json_is_an_object_keyed_by_version(tmp_path: Path) -> None:
    written = write_report(VERSIONS, tmp_path)
    content: dict[str, Any] = json.loads((tmp_path / "evaluation.json").read_text())
    assert list(content) == ["v6", "v7"]
    assert content["v7"] == entry(VERSIONS[1])
    assert content["v7"]["evaluation"]["nats_per_note"] == 3.25
    assert "learning_curve" not in content["v7"]["training"]
    assert content["v6"]["reference"]["validation_loss"] == pytest.approx(0.349)
    assert all(path.exists() for path in written)


def test_pictures_are_drawn_of_what_there_is_and_named_in_the_text(tmp_path: Path) -> None:
    names = {path.name for path in write_report(VERSIONS, tmp_path) if path.suffix == ".svg"}
    assert names == {
        "evaluation-nats.svg",
        "evaluation-curves.svg",
        "evaluation-traits.svg",
        "evaluation-copies.svg",
    }
    text = (tmp_path / "evaluation.md").read_text()
    assert all(f"]({name})" in text for name in names)
    alone = {path.name for path in write_report(VERSIONS[1:], tmp_path / "alone")}
    assert alone == {
        "evaluation.json",
        "evaluation.md",
        "evaluation-nats.svg",
        "evaluation-curves.svg",
    }


def test_a_version_that_was_never_examined_is_no_reason_to_report_nothing(tmp_path: Path) -> None:
    bare = version("v7", 3.25)
    bare.evaluation.clear()
    write_report([VERSIONS[0], bare], tmp_path)
    line = line_of((tmp_path / "evaluation.md").read_text(), "| v7", "## Held-out")
    assert line.startswith("| v7 | a, b | - |  | - | - |")


def test_a_trait_that_does_not_vary_has_no_distance(tmp_path: Path) -> None:
    samples = json.loads(json.dumps(SAMPLES))
    samples["traits"]["polyphony"]["distance"] = None
    write_report([version("v6", 4.5, samples=samples)], tmp_path)
    assert "| 4.25 | - | 5.25 |" not in (tmp_path / "evaluation.md").read_text()
    assert "| - |" in line_of((tmp_path / "evaluation.md").read_text(), "| v6", "## What they")


def test_the_same_cards_give_the_same_bytes(tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in write_report(VERSIONS, tmp_path / "a")}
    again = {path.name: path.read_bytes() for path in write_report(VERSIONS, tmp_path / "b")}
    assert first == again


def test_a_leak_that_was_measured_has_a_section_and_a_picture(tmp_path: Path) -> None:
    write_report(VERSIONS, tmp_path)
    assert "memory" not in (tmp_path / "evaluation.md").read_text()
    write_report([*VERSIONS, version("v6", 6.5, leak=LEAK)], tmp_path)
    text = (tmp_path / "evaluation.md").read_text()
    section = text[text.index("## How much of a leaky loss is memory") :]
    assert "The network of v6 was trained under that split for 12,288,000 tokens" in section
    assert "75% of the surprise at new music is hidden" in section.replace("\n", " ")
    assert "| its own leaky validation windows | 0.500 |" in section
    assert "| windows of held-out pieces | 2.000 |" in section
    assert "](evaluation-leak.svg)" in section
    assert (tmp_path / "evaluation-leak.svg").stat().st_size > 1000
