"""The committed report says what the committed cards say, of all seven versions."""

import json

import pytest

from tests.conftest import ROOT

REPORT = json.loads((ROOT / "docs" / "evaluation.json").read_bytes())
VERSIONS = ["v2", "v3", "v4", "v5", "v6", "v7", "v8"]


def test_it_tells_of_all_seven() -> None:
    assert list(REPORT) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_its_figures_are_those_of_the_card(version: str) -> None:
    card = json.loads((ROOT / "checkpoints" / version / "card.json").read_bytes())
    del card["training"]["learning_curve"]
    told = {name: REPORT[version][name] for name in ("sha256", "data", "training", "evaluation")}
    assert told == {name: card[name] for name in told}
