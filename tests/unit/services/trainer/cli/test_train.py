"""The train command: a stopped run is resumed by the same command; errors exit with 1."""

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

from services.trainer.cli.export import main as export_command
from services.trainer.cli.train import main, open_run
from services.trainer.recipes.recipe import Recipe
from services.trainer.recipes.recipes import RECIPES
from services.trainer.training.base_model import read_base_record
from services.trainer.training.checkpoint import load_state
from services.trainer.training.run_lock import lock_run
from services.trainer.training.stacking import ParentRunMissing
from shared.models.checkpoints import InvalidCheckpoint, load_weights, read_card

CHECKPOINT = Path("runs", "tiny", "last.checkpoint")


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Restore the signal handlers after each test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def endless(
    recipe: Recipe, cache_dir: Path, datasets_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The cache folder of a recipe that only a signal stops."""
    recipe = dataclasses.replace(recipe, steps=10**9, patience=10**9)
    monkeypatch.setitem(RECIPES, "tiny", lambda: recipe)
    monkeypatch.setenv("OSTINATO_CACHE_DIR", str(cache_dir))
    monkeypatch.setenv("OSTINATO_DATASETS_DIR", str(datasets_dir))
    return cache_dir


def train(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, arguments)


def export(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(export_command)
    return CliRunner().invoke(app, arguments)


def send_sigterm_after_the_next_checkpoint(path: Path) -> None:
    """Send SIGTERM to this process from a thread, once a new checkpoint is written."""

    def wait_and_kill(seen: int) -> None:
        while not path.exists() or path.stat().st_mtime_ns == seen:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    seen = path.stat().st_mtime_ns if path.exists() else 0
    threading.Thread(target=wait_and_kill, args=[seen], daemon=True).start()


def test_sigterm_saves_the_state_and_the_same_command_resumes(endless: Path) -> None:
    steps = []
    for _ in range(2):
        send_sigterm_after_the_next_checkpoint(endless / CHECKPOINT)
        stopped = train("tiny")
        assert stopped.exit_code == os.EX_TEMPFAIL
        assert "run the same command again" in stopped.stderr
        steps.append(load_state(endless / CHECKPOINT)["trainer_state"]["step"])
    assert 0 < steps[0] < steps[1]


def test_a_constant_run_is_resumed_and_decayed_and_exported(
    endless: Path, shared_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It starts from published weights."""
    monkeypatch.setenv("OSTINATO_CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    shutil.copytree(shared_checkpoint, tmp_path / "checkpoints" / "tiny")
    last = endless / "runs" / "tiny-constant" / "last.checkpoint"
    command = ("tiny", "--phase", "constant", "--base", "tiny")
    for _ in range(2):
        send_sigterm_after_the_next_checkpoint(last)
        assert train(*command).exit_code == os.EX_TEMPFAIL
    constant = load_state(last)
    send_sigterm_after_the_next_checkpoint(endless / "runs" / "tiny-decay" / "last.checkpoint")
    assert train("tiny", "--phase", "decay").exit_code == os.EX_TEMPFAIL
    assert load_state(last)["trainer_state"] == constant["trainer_state"]
    base = read_base_record(endless / "runs" / "tiny-decay")
    assert base is not None
    assert base.base is not None
    assert (base.steps, base.base.version) == (constant["trainer_state"]["step"], "tiny")
    exported = export("tiny", "--phase", "decay")
    assert exported.exit_code == 0, exported.stderr
    card = read_card(tmp_path / "checkpoints" / "tiny")
    assert card.training.base == base
    assert card.training.recipe is not None
    assert card.training.recipe.optimization.decay_ratio == 1


def test_a_decay_run_has_no_base(endless: Path) -> None:
    result = train("tiny", "--phase", "decay", "--base", "tiny")
    assert result.exit_code == 2
    assert "starts with the run of --phase constant" in result.stderr.replace("\n", " ")


def test_a_missing_constant_run_is_reported(endless: Path) -> None:
    result = train("tiny", "--phase", "decay")
    assert result.exit_code == 1
    assert "train tiny --phase constant" in result.stderr.replace("\n", " ")


def test_sigterm_while_data_is_prepared_exits_at_once(
    endless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send_sigterm(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        pytest.fail("SIGTERM was ignored")

    monkeypatch.setattr("services.trainer.cli.train.prepare_training_data", send_sigterm)
    assert train("tiny").exit_code == os.EX_TEMPFAIL


def test_the_counts_of_the_data_set_are_printed_before_training(endless: Path) -> None:
    send_sigterm_after_the_next_checkpoint(endless / CHECKPOINT)
    output = train("tiny", "--minutes", "5").stderr
    for row in ("pieces found", "pieces used", "held out", "notes", "per note", "vocabulary"):
        assert row in output
    assert (endless / "runs" / "tiny" / "skipped-folk.tsv").exists()


@pytest.fixture
def published(shared_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The checkpoint folder of a version that has no run folder here."""
    monkeypatch.setenv("OSTINATO_CHECKPOINTS_DIR", str(tmp_path))
    return shutil.copytree(shared_checkpoint, tmp_path / "tiny")


def test_a_new_run_with_a_base_starts_with_its_weights(
    endless: Path, published: Path, recipe: Recipe
) -> None:
    trainer = open_run(RECIPES["tiny"](), None, base="tiny")
    initial = trainer.model.state_dict()
    for name, weight in load_weights(published).state_dict().items():
        assert torch.equal(initial[name], weight), name
    assert trainer.state.step == 0
    base = read_base_record(endless / "runs" / "tiny")
    assert base is not None
    assert (base.version, base.steps) == ("tiny", recipe.steps)


def test_an_existing_run_is_resumed_and_its_base_ignored(endless: Path, published: Path) -> None:
    send_sigterm_after_the_next_checkpoint(endless / CHECKPOINT)
    assert train("tiny", "--base", "tiny").exit_code == os.EX_TEMPFAIL
    send_sigterm_after_the_next_checkpoint(endless / CHECKPOINT)
    assert "--base tiny is ignored" in train("tiny", "--base", "tiny").stderr.replace("\n", " ")
    steps = load_state(endless / CHECKPOINT)["trainer_state"]["step"]
    assert open_run(RECIPES["tiny"](), None, base="tiny").state.step == steps > 0


def test_a_new_run_without_a_base_removes_the_record_and_tokenizer_of_an_earlier_base(
    endless: Path, published: Path
) -> None:
    run = endless / "runs" / "tiny"
    tokenizer = (run / "tokenizer.json").read_bytes()
    open_run(RECIPES["tiny"](), None, base="tiny")
    (run / "tokenizer.json").write_bytes(b"the base's")
    open_run(RECIPES["tiny"](), None)
    assert read_base_record(run) is None
    assert (run / "tokenizer.json").read_bytes() == tokenizer


def test_the_error_for_an_unknown_base_names_it(endless: Path, published: Path) -> None:
    with pytest.raises(InvalidCheckpoint, match="nowhere"):
        open_run(RECIPES["tiny"](), None, base="nowhere")


def test_a_second_process_for_the_same_run_fails_and_writes_nothing(endless: Path) -> None:
    run = endless / "runs" / "tiny"
    with lock_run(run):
        before = sorted(run.iterdir())
        result = train("tiny", "--minutes", "0.1")
    assert result.exit_code == 1
    assert f"process {os.getpid()} is training there; stop it" in result.stderr
    assert sorted(run.iterdir()) == before


@pytest.fixture
def grown(endless: Path, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe that grows from the run of another recipe."""
    monkeypatch.setitem(
        RECIPES, "grown", lambda: dataclasses.replace(recipe, version="grown", grow_from="tiny")
    )


@pytest.mark.usefixtures("grown")
def test_a_missing_parent_run_is_reported_before_data_is_prepared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "services.trainer.cli.train.prepare_training_data",
        lambda *_: pytest.fail("data was prepared"),
    )
    with pytest.raises(ParentRunMissing):
        open_run(RECIPES["grown"](), None)


@pytest.mark.usefixtures("grown")
def test_an_error_is_printed_without_a_traceback_and_with_the_command_to_run() -> None:
    result = train("grown")
    assert result.exit_code == 1
    assert "`python -m services.trainer.cli.train tiny` first, or pass --base" in result.stderr
    assert "Traceback" not in result.stderr
