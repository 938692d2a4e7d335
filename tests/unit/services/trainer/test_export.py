"""What a run leaves behind is a folder that can be served, and a card that can be believed."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import typer

from ostinato.schemas.models import ModelCard
from services.trainer.data.catalog import CATALOGUE
from services.trainer.evaluation.held_out import held_out
from services.trainer.evaluation.likelihood import Examination
from services.trainer.picture import draw_curve
from services.trainer.picture import main as picture_main
from services.trainer.publishing.checkpoint_folder import write_card
from services.trainer.publishing.export import export
from services.trainer.publishing.export import main as export_main
from services.trainer.recipes.recipes import Recipe
from services.trainer.training.checkpoint import load_state, save_state
from services.trainer.training.trainer import BEST, Progress, Training
from services.trainer.training.training_data import Prepared
from shared.models.checkpoints import load_checkpoint, load_weights, read_card
from shared.tokenizers.remi import Remi


@pytest.fixture
def finished(recipe: Recipe, material: Prepared, home: Path) -> Path:
    """The folder of a run that is over."""
    run = home / "runs" / "tiny"
    training = Training(
        recipe=recipe,
        material=material,
        folder=run,
        progress=Progress(commit="abc"),
    )
    training.run(lambda: False, lambda: None)
    return run


@pytest.fixture
def folder(recipe: Recipe, material: Prepared, finished: Path, tmp_path: Path) -> Path:
    export(recipe, material, finished, tmp_path / "out")
    return tmp_path / "out"


def test_the_folder_is_verified_and_resident_and_its_tokenizer_fits(folder: Path) -> None:
    checkpoint = load_checkpoint(folder, torch.device("cpu"))
    assert checkpoint.card.version == "tiny"
    assert Remi.load(folder).vocab_size == checkpoint.model.vocab_size
    assert {path.name for path in folder.iterdir()} == {
        "card.json",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
    }


def test_the_card_says_what_was_measured_on_these_weights(
    folder: Path, material: Prepared, recipe: Recipe
) -> None:
    card = ModelCard.model_validate_json((folder / "card.json").read_bytes())
    assert next(iter(card.evaluation)) == "nats_per_note"
    pieces = held_out(material.datasets[0], material.vocabulary, 10**9)
    examination = Examination(pieces, material.vocabulary, recipe.examples.context)
    score = examination.score(load_weights(folder))
    assert card.evaluation["nats_per_note"] == round(score.nats_per_note, 4)
    judged = material.datasets[0].split.held_out
    assert card.evaluation["held_out"]["pieces"] == len(judged)
    assert card.evaluation["held_out"]["notes"] == sum(len(piece.notes) for piece in judged)
    assert card.evaluation["by_set"]["folk"]["nats_per_note"] == card.evaluation["nats_per_note"]
    (told,) = card.data["sets"]
    assert told["found"] == 40
    assert told["licence"] == CATALOGUE["folk"].licence


def test_the_card_tells_the_run(folder: Path, recipe: Recipe) -> None:
    training = json.loads((folder / "card.json").read_text())["training"]
    assert training["commit"] == "abc"
    assert training["minutes"] is None, "the budget was in steps"
    assert training["ended"] == "its budget was spent"
    assert [point["step"] for point in training["learning_curve"]] == [3, 6, 8]
    assert not any("sample" in point for point in training["learning_curve"])
    assert training["tokens"] == training["steps"] * 2 * recipe.examples.context


def test_better_weights_of_a_version_take_the_place_of_those_before(
    recipe: Recipe, material: Prepared, finished: Path, folder: Path
) -> None:
    card = read_card(folder)
    leak = {"leak": {"steps": 3}}
    write_card(card.model_copy(update={"evaluation": card.evaluation | leak}), folder)
    state = load_state(finished / BEST)
    for weight in state["model"].values():
        weight.add_(1)
    save_state(finished / BEST, state)
    better = export(recipe, material, finished, folder)
    assert better.sha256 != card.sha256
    assert read_card(folder) == better
    assert better.evaluation["leak"] == leak["leak"]
    assert better.evaluation["nats_per_note"] != card.evaluation["nats_per_note"]


def test_what_is_interrupted_leaves_the_weights_of_before_as_they_were(
    recipe: Recipe,
    material: Prepared,
    finished: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    card, state = read_card(folder), load_state(finished / BEST)
    for weight in state["model"].values():
        weight.add_(1)
    save_state(finished / BEST, state)
    with monkeypatch.context() as patch:
        patch.setattr("services.trainer.publishing.export.foretell", interrupted)
        with pytest.raises(KeyboardInterrupt):
            export(recipe, material, finished, folder)
    assert read_card(folder) == card
    better = export(recipe, material, finished, folder)
    assert read_card(folder) == better != card


def test_a_run_without_weights_is_a_sentence_and_no_folder(
    recipe: Recipe, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OSTINATO_HOME", str(home / "empty"))
    monkeypatch.setenv("OSTINATO_CHECKPOINTS", str(home / "checkpoints"))
    with pytest.raises(typer.Exit) as ended:
        export_main(recipe)
    assert ended.value.exit_code == 1
    assert "runs/tiny has no weights yet: train tiny first." in capsys.readouterr().err
    assert not (home / "empty").exists()
    assert not (home / "checkpoints").exists()


def test_the_picture_shows_every_point_of_the_curve(folder: Path) -> None:
    card = ModelCard.model_validate_json((folder / "card.json").read_bytes())
    (axes,) = draw_curve(card).axes
    assert np.array_equal(
        axes.lines[0].get_ydata(),
        [point["held_out_nats_per_note"] for point in card.training["learning_curve"]],
    )
    assert axes.get_title() == "tiny: the beginnings of pieces that it never saw"


def test_the_commands_write_the_folder_and_its_picture(
    recipe: Recipe, finished: Path, home: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OSTINATO_HOME", str(home))
    monkeypatch.setenv("OSTINATO_DATA", str(data))
    monkeypatch.setenv("OSTINATO_CHECKPOINTS", str(home / "checkpoints"))
    export_main(recipe)
    folder, picture = home / "checkpoints" / "tiny", home / "tiny.svg"
    assert read_card(folder).version == "tiny"
    picture_main(folder, picture)
    first = picture.read_bytes()
    picture_main(folder, picture)
    assert first == picture.read_bytes()
    assert b"<svg" in first
