"""The command: a run that is told to stop says that it can go on, and goes on."""

import dataclasses
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import typer
from typer.testing import CliRunner, Result

from services.trainer.cli.train import main, open_run
from services.trainer.publishing.export import export
from services.trainer.recipes.recipes import RECIPES, Recipe
from services.trainer.training.base_model import read_base
from services.trainer.training.checkpoint import load_state
from services.trainer.training.run_lock import locked
from services.trainer.training.stacking import NothingToBeginFrom
from services.trainer.training.trainer import Progress, Training
from services.trainer.training.training_data import Prepared
from shared.models.checkpoints import InvalidCheckpoint, load_weights

CHECKPOINT = Path("runs", "tiny", "last.checkpoint")


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def endless(recipe: Recipe, home: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe that only a signal ends; its home."""
    recipe = dataclasses.replace(recipe, steps=10**9, patience=10**9)
    monkeypatch.setitem(RECIPES, "tiny", lambda: recipe)
    monkeypatch.setenv("OSTINATO_HOME", str(home))
    monkeypatch.setenv("OSTINATO_DATA", str(data))
    return home


def train(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, arguments)


def term_after_the_next_checkpoint(path: Path) -> None:
    """From another thread, as a supervisor would from another process."""

    def wait_and_kill(seen: int) -> None:
        while not path.exists() or path.stat().st_mtime_ns == seen:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    seen = path.stat().st_mtime_ns if path.exists() else 0
    threading.Thread(target=wait_and_kill, args=[seen], daemon=True).start()


def test_term_keeps_the_state_and_the_same_command_goes_on(endless: Path) -> None:
    steps = []
    for _ in range(2):
        term_after_the_next_checkpoint(endless / CHECKPOINT)
        ended = train("tiny")
        assert ended.exit_code == os.EX_TEMPFAIL
        assert "goes on from here" in ended.stderr
        steps.append(load_state(endless / CHECKPOINT)["progress"]["step"])
    assert 0 < steps[0] < steps[1]


def test_term_while_the_music_is_still_read_leaves_at_once(
    endless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked_to_leave(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        pytest.fail("went on")

    monkeypatch.setattr("services.trainer.cli.train.prepare", asked_to_leave)
    assert train("tiny").exit_code == os.EX_TEMPFAIL


def test_the_music_is_accounted_for_before_anything_is_learnt(endless: Path) -> None:
    term_after_the_next_checkpoint(endless / CHECKPOINT)
    said = train("tiny", "--minutes", "5").stderr
    for row in ("pieces found", "pieces kept", "held out", "notes", "a note", "vocabulary"):
        assert row in said
    assert (endless / "runs" / "tiny" / "left-out-folk.tsv").exists()


@pytest.fixture
def published(
    recipe: Recipe, material: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The folder of a version whose run is gone."""
    monkeypatch.setenv("OSTINATO_CHECKPOINTS", str(tmp_path))
    run = tmp_path / "gone"
    training = Training(
        recipe=recipe, material=material, folder=run, progress=Progress(commit="none")
    )
    training.run(lambda: False, lambda: None)
    export(recipe, material, run, tmp_path / "tiny")
    shutil.rmtree(run)
    return tmp_path / "tiny"


def test_a_run_that_is_gone_goes_on_from_its_published_weights(
    endless: Path, published: Path, recipe: Recipe
) -> None:
    training = open_run(RECIPES["tiny"](), None, base="tiny")
    began = training.model.state_dict()
    for name, weight in load_weights(published).state_dict().items():
        assert torch.equal(began[name], weight), name
    assert training.progress.step == 0
    told = read_base(endless / "runs" / "tiny")
    assert told is not None
    assert (told["version"], told["steps"]) == ("tiny", recipe.steps)


def test_what_is_there_of_a_run_goes_before_its_base(endless: Path, published: Path) -> None:
    term_after_the_next_checkpoint(endless / CHECKPOINT)
    assert train("tiny", "--base", "tiny").exit_code == os.EX_TEMPFAIL
    term_after_the_next_checkpoint(endless / CHECKPOINT)
    assert "tiny is not taken up again" in train("tiny", "--base", "tiny").stderr.replace("\n", " ")
    steps = load_state(endless / CHECKPOINT)["progress"]["step"]
    assert open_run(RECIPES["tiny"](), None, base="tiny").progress.step == steps > 0


def test_a_new_run_without_a_base_has_nothing_of_one(endless: Path, published: Path) -> None:
    run = endless / "runs" / "tiny"
    vocabulary = (run / "tokenizer.json").read_bytes()
    open_run(RECIPES["tiny"](), None, base="tiny")
    (run / "tokenizer.json").write_bytes(b"the base's")
    open_run(RECIPES["tiny"](), None)
    assert read_base(run) is None
    assert (run / "tokenizer.json").read_bytes() == vocabulary


def test_a_base_that_is_not_there_is_named(endless: Path, published: Path) -> None:
    with pytest.raises(InvalidCheckpoint, match="nowhere"):
        open_run(RECIPES["tiny"](), None, base="nowhere")


def test_a_second_training_of_a_recipe_is_refused_and_writes_nothing(endless: Path) -> None:
    run = endless / "runs" / "tiny"
    with locked(run):
        before = sorted(run.iterdir())
        refused = train("tiny", "--minutes", "0.1")
    assert refused.exit_code == 1
    assert f"process {os.getpid()} trains there; stop it" in refused.stderr
    assert sorted(run.iterdir()) == before


@pytest.fixture
def grown(endless: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe that begins with what another has learnt."""
    monkeypatch.setitem(
        RECIPES, "grown", lambda: dataclasses.replace(recipe, version="grown", begins_from="tiny")
    )


@pytest.mark.usefixtures("grown")
def test_what_a_recipe_grows_from_is_missed_before_any_music_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.trainer.cli.train.prepare", lambda *_: pytest.fail("went on"))
    with pytest.raises(NothingToBeginFrom):
        open_run(RECIPES["grown"](), None)


@pytest.mark.usefixtures("grown")
def test_a_refusal_is_a_sentence_that_says_what_to_do() -> None:
    refused = train("grown")
    assert refused.exit_code == 1
    assert "`python -m services.trainer.cli.train tiny` first, or let --base name" in refused.stderr
    assert "Traceback" not in refused.stderr
