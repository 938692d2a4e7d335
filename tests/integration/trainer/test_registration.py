"""Valid checkpoint folders are registered as versions; invalid ones are skipped."""

import logging
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import torch

from deploy.local.stack import Stack
from ostinato.schemas.cards import DataRecord, EvaluationRecord, TrainingRecord
from ostinato.schemas.models import Capabilities, ModelCard
from services.trainer.publishing.registration import ModelRegistrar, main, register_all
from services.trainer.recipes.recipes import Recipe, mini
from services.trainer.training.trainer import build_network
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.errors import Unavailable
from shared.models.checkpoints import save_weights
from tests.conftest import ROOT


def make_folder(
    recipe: Recipe, folder: Path, version: str, training: TrainingRecord | None = None
) -> ModelCard:
    torch.manual_seed(recipe.seed)
    card = ModelCard(
        version=version,
        sha256=save_weights(build_network(recipe, vocab_size=64), folder),
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=False),
        license="none",
        data=DataRecord(),
        training=training or TrainingRecord(),
        evaluation=EvaluationRecord(nats_per_note=1.0),
    )
    (folder / "card.json").write_text(card.model_dump_json())
    return card


def environment_of(backends: Stack, checkpoints_dir: Path) -> dict[str, str]:
    return {
        "OSTINATO_ENVIRONMENT": "development",
        "OSTINATO_DATABASE_URL": backends.database_url,
        "OSTINATO_REDIS_URL": backends.redis_url,
        "OSTINATO_CHECKPOINTS_DIR": str(checkpoints_dir),
        "OSTINATO_CACHE_DIR": str(checkpoints_dir / "cache"),
    }


async def registered(database: Database) -> dict[str, str]:
    async with database.transaction() as connection:
        return {
            model.version: model.sha256 for model in await ModelVersions(connection).list_versions()
        }


async def promoted(database: Database, version: str) -> str:
    async with database.transaction() as connection:
        return (await ModelVersions(connection).promoted_weights())[version]


async def data_error(database: Database, version: str) -> str | None:
    async with database.transaction() as connection:
        versions = await ModelVersions(connection).list_versions()
    return next(model.data_error for model in versions if model.version == version)


async def test_valid_folders_are_registered_and_altered_ones_are_logged(
    database: Database, recipe: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    valid = make_folder(recipe, tmp_path / "valid", "unit-valid")
    make_folder(recipe, tmp_path / "altered", "unit-altered")
    weights = tmp_path / "altered" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0\0")
    (tmp_path / "LICENSE.md").write_text("not a version")

    with caplog.at_level(logging.WARNING):
        assert await register_all(database, tmp_path, None) == [valid]

    versions = await registered(database)
    assert versions["unit-valid"] == valid.sha256
    assert "unit-altered" not in versions
    assert "expects SHA-256" in caplog.text
    assert str(weights) in caplog.text


async def test_weights_of_an_operator_are_promoted_and_weights_of_a_job_are_not(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    make_folder(recipe, tmp_path / "copied", "unit-copied")
    training = TrainingRecord(job_id=uuid4())
    make_folder(recipe, tmp_path / "trained", "unit-trained", training)
    await register_all(database, tmp_path, None)
    async with database.transaction() as connection:
        model_versions = ModelVersions(connection)
        assert "unit-copied" in await model_versions.promoted_weights()
        assert "unit-trained" not in await model_versions.promoted_weights()
        assert "unit-trained" in [model.version for model in await model_versions.list_versions()]


async def test_weights_that_replace_promoted_ones_are_promoted(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    """After an upgrade only the new weights exist, so no worker could load the old weights."""
    first = make_folder(recipe, tmp_path / "first", "unit-replaced")
    await register_all(database, tmp_path, None)
    second = make_folder(replace(recipe, seed=9), tmp_path / "second", "unit-replaced")
    assert second.sha256 != first.sha256
    await register_all(database, tmp_path, None)
    assert await promoted(database, "unit-replaced") == first.sha256
    shutil.rmtree(tmp_path / "first")
    await register_all(database, tmp_path, None)
    assert await promoted(database, "unit-replaced") == second.sha256


async def test_versions_whose_music_is_missing_are_marked(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    trained_on = {"recipe": mini().to_json() | {"datasets": [{"name": "folk"}]}}
    training = TrainingRecord.model_validate(trained_on)
    make_folder(recipe, tmp_path / "checkpoints" / "marked", "unit-marked", training)
    datasets_dir = tmp_path / "datasets"
    await register_all(database, tmp_path / "checkpoints", datasets_dir)
    error = await data_error(database, "unit-marked")
    assert error is not None
    assert error.startswith(f"folk: {datasets_dir / 'folk'} is not a folder")
    (datasets_dir / "folk").mkdir(parents=True)
    await register_all(database, tmp_path / "checkpoints", datasets_dir)
    assert await data_error(database, "unit-marked") is None


async def test_a_folder_is_registered_when_it_appears_and_when_it_changes(
    database: Database, recipe: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registrar = ModelRegistrar(database, tmp_path, None)
    await registrar.sync()
    make_folder(recipe, tmp_path / "late", "unit-late")
    with caplog.at_level(logging.INFO, "services.trainer.publishing.registration"):
        await registrar.sync()
        await registrar.sync()
    assert caplog.text.count("registered unit-late") == 1
    assert "unit-late" in await registered(database)

    make_folder(recipe, tmp_path / "late", "unit-renamed")
    await registrar.sync()
    assert "unit-renamed" in await registered(database)


async def test_an_unsound_folder_does_not_keep_others_from_being_registered(
    database: Database, recipe: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_folder(recipe, tmp_path / "sound", "unit-sound")
    make_folder(recipe, tmp_path / "nul", "unit-nul")
    card = tmp_path / "nul" / "card.json"
    card.write_text(card.read_text().replace("For a test.", r"For a\u0000test."))
    for name in ("no-json", "a-folder"):
        (tmp_path / name).mkdir()
    (tmp_path / "no-json" / "card.json").write_text("{")
    (tmp_path / "a-folder" / "card.json").mkdir()
    registrar = ModelRegistrar(database, tmp_path, None)
    with caplog.at_level(logging.WARNING):
        await registrar.sync()
    assert registrar.has_registered
    assert "unit-sound" in await registered(database)
    for name in ("nul", "no-json", "a-folder"):
        assert f"not registered: {tmp_path / name / 'card.json'}" in caplog.text


async def test_registration_is_retried_after_an_outage(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    make_folder(recipe, tmp_path / "kept", "unit-kept")
    unreachable = Database("postgresql+asyncpg://user:password@127.0.0.1:1/nowhere", pool_size=1)
    registrar = ModelRegistrar(unreachable, tmp_path, None)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await registrar.sync()
        assert not registrar.has_registered
    await unreachable.close()
    registrar._database = database
    await registrar.sync()
    assert "unit-kept" in await registered(database)


async def test_the_command_registers_all_folders(
    backends: Stack,
    database: Database,
    recipe: Recipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_folder(recipe, tmp_path / "once", "unit-once")
    for name, value in environment_of(backends, tmp_path).items():
        monkeypatch.setenv(name, value)
    await main()
    assert "unit-once" in await registered(database)


def test_the_service_registers_versions_and_exits_on_sigterm(
    backends: Stack, recipe: Recipe, tmp_path: Path
) -> None:
    make_folder(recipe, tmp_path / "served", "unit-served")
    environment = os.environ | environment_of(backends, tmp_path)
    command = [sys.executable, "-m", "services.trainer"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert any("registered unit-served" in line for line in process.stderr)
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Drained." in rest.splitlines()[-1]
