"""Checkpoint folders become versions in the table; unsound ones do not, and stop nobody."""

import asyncio
import logging
import shutil
from pathlib import Path

import pytest
import torch

from services.trainer.loop import build_decoder
from services.trainer.recipes import Recipe
from services.trainer.register import register_all, watch
from shared.db.models import Models
from shared.db.session import Database
from shared.models.weights import save_weights
from shared.schemas.models import Capabilities, ModelCard


def make_folder(recipe: Recipe, folder: Path, version: str) -> ModelCard:
    torch.manual_seed(0)
    card = ModelCard(
        version=version,
        sha256=save_weights(build_decoder(recipe, vocab_size=64), folder),
        description="For a test.",
        capabilities=Capabilities(max_bars=4, primer=True, velocity=False),
        licence="none",
        data={},
        training={},
        evaluation={"nats_per_note": 1.0},
    )
    (folder / "card.json").write_text(card.model_dump_json())
    return card


async def registered(database: Database) -> dict[str, str]:
    async with database.transaction() as connection:
        return {model.version: model.sha256 for model in await Models(connection).all()}


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


async def test_a_folder_that_appears_while_watching_is_published(
    database: Database, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.trainer.register.LOOK_SECONDS", 0.05)
    stopped = asyncio.Event()
    watching = asyncio.create_task(watch(database, tmp_path, stopped))
    make_folder(recipe, tmp_path / "making", "unit-late")
    shutil.move(tmp_path / "making", tmp_path / "late")
    async with asyncio.timeout(10):
        while "unit-late" not in await registered(database):  # noqa: ASYNC110 - it is in a database
            await asyncio.sleep(0.05)
    stopped.set()
    async with asyncio.timeout(2):
        await watching


async def test_watching_outlives_a_database_that_is_away(
    recipe: Recipe,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("services.trainer.register.LOOK_SECONDS", 0.05)
    make_folder(recipe, tmp_path / "sound", "unit-away")
    away = Database("postgresql+asyncpg://nobody:nothing@127.0.0.1:1/nowhere", pool_size=1)
    stopped = asyncio.Event()
    watching = asyncio.create_task(watch(away, tmp_path, stopped))
    async with asyncio.timeout(10):
        while caplog.text.count("nothing registered") < 2:  # noqa: ASYNC110 - it is in a log
            await asyncio.sleep(0.05)
    stopped.set()
    async with asyncio.timeout(5):
        await watching
    await away.close()
