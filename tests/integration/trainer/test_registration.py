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
from services.trainer.recipes.recipe import Recipe
from services.trainer.recipes.recipes import mini
from services.trainer.training.network import build_network
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions
from shared.db.retention.model_deletion import delete_version, deleted_weights
from shared.db.retention.storage_usage import storage_usage
from shared.errors import Unavailable
from shared.models.checkpoints import save_weights
from tests.conftest import ROOT
from tests.support.trainings import TrainingFixture


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


async def requested(database: Database, version: str) -> str | None:
    """The weights of a version whose promotion is requested."""
    async with database.transaction() as connection:
        wanted = {it.version: it.request for it in await Promotions(connection).wanted()}
    request = wanted.get(version)
    return request.sha256 if request else None


async def decide(database: Database, version: str, *, refusal: str | None = None) -> None:
    """Test the requested weights of a version, as a worker does."""
    async with database.transaction() as connection:
        promotions = Promotions(connection)
        [wanted] = [it for it in await promotions.wanted() if it.version == version]
        assert wanted.request is not None
        if refusal is None:
            await promotions.complete(version, wanted.request)
        else:
            await promotions.refuse(version, wanted.request, refusal)


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


async def test_the_promotion_of_an_operators_weights_is_requested_and_not_that_of_a_jobs(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    card = make_folder(recipe, tmp_path / "copied", "unit-copied")
    training = TrainingRecord(job_id=uuid4())
    make_folder(recipe, tmp_path / "trained", "unit-trained", training)
    await register_all(database, tmp_path, None)
    assert await requested(database, "unit-copied") == card.sha256
    assert await requested(database, "unit-trained") is None
    assert "unit-trained" in await registered(database)


async def test_the_promotion_of_weights_that_replace_promoted_ones_is_requested(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    """After an upgrade only the new weights exist, so no worker could load the old weights."""
    version = "unit-replaced"
    first = make_folder(recipe, tmp_path / "first", version)
    await register_all(database, tmp_path, None)
    second = make_folder(replace(recipe, seed=9), tmp_path / "second", version)
    assert second.sha256 != first.sha256
    await register_all(database, tmp_path, None)
    assert await requested(database, version) == first.sha256
    await decide(database, version)
    await register_all(database, tmp_path, None)
    assert await requested(database, version) is None
    shutil.rmtree(tmp_path / "first")
    await register_all(database, tmp_path, None)
    assert await requested(database, version) == second.sha256


async def test_refused_weights_are_not_requested_again_but_others_are(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    version = "unit-refused"
    make_folder(recipe, tmp_path / "first", version)
    await register_all(database, tmp_path, None)
    await decide(database, version, refusal="not finite")
    await register_all(database, tmp_path, None)
    async with database.transaction() as connection:
        [wanted] = [it for it in await Promotions(connection).wanted() if it.version == version]
    assert wanted.request is not None
    assert wanted.request.refusal == "not finite"
    second = make_folder(replace(recipe, seed=9), tmp_path / "second", version)
    await register_all(database, tmp_path, None)
    assert await requested(database, version) == second.sha256


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


def folders_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_dir()}


async def test_the_folder_of_a_deleted_version_is_deleted_and_not_registered_again(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    trainings = TrainingFixture(database)
    trained = await trainings.create()
    await trainings.finish(await trainings.claim())
    training = TrainingRecord(job_id=trained.id)
    card = make_folder(recipe, tmp_path / "any name", "unit-deleted", training)
    kept = make_folder(replace(recipe, seed=9), tmp_path / "kept", "unit-kept")
    registrar = ModelRegistrar(database, tmp_path, None)
    await registrar.sync()
    folder_bytes = sum(file.stat().st_size for file in (tmp_path / "any name").iterdir())
    async with database.transaction() as connection:
        usage = await storage_usage(connection, trainings.owner, 1)
        assert usage.models_bytes == folder_bytes
        await delete_version(connection, card.version, trainings.owner)
    # The files still exist: another trainer starts
    assert card not in await register_all(database, tmp_path, None)
    await registrar.sync()
    assert "unit-deleted" not in await registered(database)
    assert (await registered(database))["unit-kept"] == kept.sha256
    assert folders_in(tmp_path) == {"kept", ".incoming"}
    async with database.transaction() as connection:
        assert await deleted_weights(connection) == set()


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
