"""The command measures infilling, and writes it into the card; other versions are rejected."""

import shutil
from pathlib import Path

import pytest
import typer

from ostinato.schemas.evaluations import GapSize
from services.trainer.cli.infilling import main
from services.trainer.publishing.checkpoint_folder import write_card
from shared.models.checkpoints import read_card
from tests.unit.services.trainer.conftest import DATASET


@pytest.fixture
def folder(
    shared_checkpoint: Path,
    datasets_dir: Path,
    warm_cache_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """The checkpoint of the version `tiny`, which may be changed."""
    folder = shutil.copytree(shared_checkpoint, tmp_path / "checkpoints" / "tiny")
    monkeypatch.setenv("OSTINATO_DATASETS_DIR", str(datasets_dir))
    monkeypatch.setenv("OSTINATO_CACHE_DIR", str(warm_cache_dir))
    monkeypatch.setenv("OSTINATO_CHECKPOINTS_DIR", str(folder.parent))
    return folder


def test_the_card_gets_what_was_measured(folder: Path) -> None:
    card = read_card(folder)
    capabilities = card.capabilities.model_copy(update={"infill": True})
    write_card(card.model_copy(update={"capabilities": capabilities}), folder)
    main("tiny")
    found = read_card(folder).evaluation
    assert found.nats_per_note == card.evaluation.nats_per_note
    assert found.infill_by_dataset.keys() == {DATASET}
    assert found.infill_by_dataset[DATASET].keys() == set(GapSize)


def test_a_version_that_cannot_infill_is_rejected(folder: Path) -> None:
    before = read_card(folder)
    with pytest.raises(typer.BadParameter, match="tiny does not regenerate bars"):
        main("tiny")
    assert read_card(folder) == before
