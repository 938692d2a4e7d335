"""The committed evaluation report agrees with the committed cards of v2 to v8."""

import json

import pytest

from tests.conftest import ROOT

REPORT = json.loads((ROOT / "docs" / "evaluation.json").read_bytes())
VERSIONS = ["v2", "v3", "v4", "v5", "v6", "v7", "v8"]


def test_the_report_covers_all_versions() -> None:
    assert list(REPORT) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_the_report_has_the_values_of_the_card(version: str) -> None:
    card = json.loads((ROOT / "checkpoints" / version / "card.json").read_bytes())
    del card["training"]["learning_curve"]
    reported = {
        name: REPORT[version][name] for name in ("sha256", "data", "training", "evaluation")
    }
    assert reported == {name: card[name] for name in reported}
