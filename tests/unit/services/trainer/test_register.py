"""Checkpoint folders become versions in the table; unsound ones do not, and stop nobody."""

import logging
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from deploy.local.stack import Stack
from ostinato.schemas.models import Capabilities, ModelCard
from services.trainer.publishing.registration import Registrar, main, register_all
from services.trainer.recipes.recipes import Recipe
from services.trainer.training.trainer import build_network
from shared.db.database import Database
from shared.db.models import Models
from shared.errors import Unavailable
from shared.models.checkpoints import save_weights

ROOT = Path(__file__).parents[4]


def make_folder(recipe: Recipe, folder: Path, version: str) -> ModelCard:
    torch.manual_seed(recipe.seed)
    card = ModelCard(
        version=version,
        sha256=save_weights(build_network(recipe, vocab_size=64), folder),
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=False),
        licence="none",
        data={},
        training={},
        evaluation={"nats_per_note": 1.0},
    )
    (folder / "card.json").write_text(card.model_dump_json())
    return card


def settings_of(servers: Stack, checkpoints: Path) -> dict[str, str]:
    return {
        "OSTINATO_ENVIRONMENT": "development",
        "OSTINATO_DATABASE_URL": servers.database_url,
        "OSTINATO_REDIS_URL": servers.redis_url,
        "OSTINATO_CHECKPOINTS": str(checkpoints),
        "OSTINATO_HOME": str(checkpoints / "home"),
    }


async def registered(database: Database) -> dict[str, str]:
    async with database.transaction() as connection:
        return {model.version: model.sha256 for model in await Models(connection).all()}


async def promoted(database: Database, version: str) -> str:
    async with database.transaction() as connection:
        return (await Models(connection).promoted())[version]


async def test_sound_folders_are_published_and_altered_ones_are_named_in_the_log(
    database: Database, recipe: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sound = make_folder(recipe, tmp_path / "sound", "unit-sound")
    make_folder(recipe, tmp_path / "altered", "unit-altered")
    weights = tmp_path / "altered" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0\0")
    (tmp_path / "LICENSE.md").write_text("no version")

    with caplog.at_level(logging.WARNING):
        assert await register_all(database, tmp_path) == [sound]

    versions = await registered(database)
    assert versions["unit-sound"] == sound.sha256
    assert "unit-altered" not in versions
    assert "expects SHA-256" in caplog.text
    assert str(weights) in caplog.text


async def test_what_an_operator_laid_there_is_promoted_and_what_a_job_made_waits(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    make_folder(recipe, tmp_path / "laid", "unit-laid")
    made = make_folder(recipe, tmp_path / "made", "unit-made")
    made.training["job"] = "some id"
    (tmp_path / "made" / "card.json").write_text(made.model_dump_json())
    await register_all(database, tmp_path)
    async with database.transaction() as connection:
        models = Models(connection)
        assert "unit-laid" in await models.promoted()
        assert "unit-made" not in await models.promoted()
        assert "unit-made" in [model.version for model in await models.all()]


async def test_weights_laid_in_the_place_of_promoted_ones_are_promoted(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    """Who pulls a new release has its weights and no others; nobody could play the ones before."""
    before = make_folder(recipe, tmp_path / "it", "unit-anew")
    await register_all(database, tmp_path)
    beside = make_folder(replace(recipe, seed=9), tmp_path / "other", "unit-anew")
    assert beside.sha256 != before.sha256
    await register_all(database, tmp_path)
    assert await promoted(database, "unit-anew") == before.sha256
    shutil.rmtree(tmp_path / "it")
    await register_all(database, tmp_path)
    assert await promoted(database, "unit-anew") == beside.sha256


async def test_a_folder_is_published_when_it_appears_and_when_it_changes(
    database: Database, recipe: Recipe, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registrar = Registrar(database, tmp_path)
    await registrar.step()
    make_folder(recipe, tmp_path / "late", "unit-late")
    with caplog.at_level(logging.INFO, "services.trainer.publishing.registration"):
        await registrar.step()
        await registrar.step()
    assert caplog.text.count("registered unit-late") == 1
    assert "unit-late" in await registered(database)

    make_folder(recipe, tmp_path / "late", "unit-renamed")
    await registrar.step()
    assert "unit-renamed" in await registered(database)


async def test_what_an_outage_kept_back_is_published_afterwards(
    database: Database, recipe: Recipe, tmp_path: Path
) -> None:
    make_folder(recipe, tmp_path / "kept", "unit-kept")
    away = Database("postgresql+asyncpg://nobody:nothing@127.0.0.1:1/nowhere", pool_size=1)
    registrar = Registrar(away, tmp_path)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await registrar.step()
    await away.close()
    registrar._database = database
    await registrar.step()
    assert "unit-kept" in await registered(database)


async def test_the_command_registers_once(
    servers: Stack,
    database: Database,
    recipe: Recipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_folder(recipe, tmp_path / "once", "unit-once")
    for name, value in settings_of(servers, tmp_path).items():
        monkeypatch.setenv(name, value)
    await main()
    assert "unit-once" in await registered(database)


def test_the_service_registers_what_is_there_and_leaves_on_term(
    servers: Stack, recipe: Recipe, tmp_path: Path
) -> None:
    make_folder(recipe, tmp_path / "served", "unit-served")
    environment = os.environ | settings_of(servers, tmp_path)
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
