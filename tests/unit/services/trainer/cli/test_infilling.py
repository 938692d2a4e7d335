"""The command measures infilling, and writes it into the card; other versions are rejected."""

from pathlib import Path

import pytest
import typer

from ostinato.schemas.evaluations import GapSize
from services.trainer.cli.infilling import main
from services.trainer.publishing.checkpoint_folder import write_card
from shared.models.checkpoints import read_card
from tests.unit.services.trainer.conftest import DATASET


def test_the_card_gets_what_was_measured(own_checkpoint: Path) -> None:
    card = read_card(own_checkpoint)
    capabilities = card.capabilities.model_copy(update={"infill": True})
    write_card(card.model_copy(update={"capabilities": capabilities}), own_checkpoint)
    main("tiny")
    found = read_card(own_checkpoint).evaluation
    assert found.nats_per_note == card.evaluation.nats_per_note
    assert found.infill_by_dataset.keys() == {DATASET}
    assert found.infill_by_dataset[DATASET].keys() == set(GapSize)


def test_a_version_that_cannot_infill_is_rejected(own_checkpoint: Path) -> None:
    before = read_card(own_checkpoint)
    with pytest.raises(typer.BadParameter, match="tiny does not regenerate bars"):
        main("tiny")
    assert read_card(own_checkpoint) == before
