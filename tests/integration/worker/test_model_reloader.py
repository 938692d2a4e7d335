"""What a worker loads: promoted weights, requested ones after a test, earlier ones if it has to."""

import asyncio
import math
import shutil
from pathlib import Path
from uuid import uuid4

import pytest
import torch
from sqlalchemy import text

from ostinato.schemas.models import PromotionState
from services.trainer.publishing.registration import register_all
from services.worker import model_registry, model_reloader
from services.worker.model_registry import ModelRegistry
from services.worker.model_reloader import ModelReloader
from shared.db.database import Database
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions
from shared.db.workers import WorkerRow, Workers
from shared.models.backends import load_checkpoint
from tests.support.models import write_scaled

GOOD, BETTER, BROKEN = 0.99, 1.01, math.nan
"""Factors of the weights of mini."""


class Process:
    """The models of one worker process."""

    def __init__(self, database: Database, folder: Path, default_model: str) -> None:
        self.registry = ModelRegistry(folder, device=torch.device("cpu"), max_num_seqs=2)
        self.claiming = asyncio.Lock()
        self.loaded: list[list[str]] = []
        """The loaded versions, whenever they changed."""
        self.reloader = ModelReloader(
            database,
            self.registry,
            default_model=default_model,
            claiming=self.claiming,
            on_change=self._on_change,
        )

    async def _on_change(self) -> None:
        self.loaded.append(list(self.registry.versions))


class Version:
    """A version of its own, with its weights in a folder of its own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.name = f"reloaded-{uuid4()}"
        self.folder = folder
        self._database = database

    async def add(self, factor: float) -> str:
        """Write and register weights; those that are the only ones are requested."""
        sha256 = write_scaled(self.folder, self.name, factor)
        await register_all(self._database, self.folder, None)
        return sha256

    async def promote(self, factor: float) -> str:
        """Write weights, and request their promotion."""
        sha256 = await self.add(factor)
        async with self._database.transaction() as connection:
            await Promotions(connection).request(self.name, sha256)
        return sha256

    def process(self) -> Process:
        """A worker process that has loaded nothing."""
        return Process(self._database, self.folder, self.name)

    async def served_by(self, process: Process) -> str | None:
        """The weights that a process has loaded after one pass."""
        await process.reloader.reload()
        return process.registry.sha256_by_version.get(self.name)

    async def refusals(self) -> dict[str, str | None]:
        """By the SHA-256 of weights that were refused, the reason."""
        async with self._database.transaction() as connection:
            found = await ModelVersions(connection).list_versions()
        return {
            model.sha256: model.promotion_detail
            for model in found
            if model.version == self.name and model.promotion is PromotionState.REFUSED
        }


@pytest.fixture
async def version(database: Database, tmp_path: Path) -> Version:
    async with database.transaction() as connection:  # the database is that of this module
        await connection.execute(text("TRUNCATE models"))
    return Version(database, tmp_path)


async def test_weights_that_a_worker_refuses_are_not_served_after_a_restart_either(
    version: Version,
) -> None:
    good = await version.add(GOOD)
    process = version.process()
    assert await version.served_by(process) == good
    broken = await version.promote(BROKEN)
    assert await version.served_by(process) == good
    assert "logits are not finite" in process.reloader.load_errors[version.name]
    refusals = await version.refusals()
    assert list(refusals) == [broken]
    assert "logits are not finite" in str(refusals[broken])
    restarted = version.process()
    assert await version.served_by(restarted) == good
    assert version.name not in restarted.reloader.load_errors
    better = await version.promote(BETTER)
    assert await version.served_by(process) == better
    assert version.name not in process.reloader.load_errors


async def test_weights_whose_files_are_lost_are_replaced_by_earlier_ones_until_they_return(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_reloader, "RETRY_SECONDS", 0)
    good = await version.add(GOOD)
    process = version.process()
    await version.served_by(process)
    better = await version.promote(BETTER)
    assert await version.served_by(process) == better
    folder = version.folder / f"{version.name}-{BETTER}"
    folder.rename(version.folder.parent / "lost")
    restarted = version.process()
    assert await version.served_by(restarted) == good
    assert better in restarted.reloader.load_errors[version.name]
    shutil.move(version.folder.parent / "lost", folder)
    assert await version.served_by(restarted) == better
    assert restarted.reloader.load_errors == {}


async def test_a_worker_without_the_promoted_weights_serves_none_beside_one_that_has_them(
    version: Version, database: Database
) -> None:
    await version.add(GOOD)
    process = version.process()
    await version.served_by(process)
    loaded = process.registry[version.name]
    better = await version.promote(BETTER)
    assert await version.served_by(version.process()) == better
    shutil.rmtree(version.folder / f"{version.name}-{BETTER}")
    async with database.transaction() as connection:
        other = WorkerRow(
            id=uuid4(), name="other", engine_stats={}, loaded_models={version.name: better}
        )
        await Workers(connection).upsert_heartbeat(other)
    assert await version.served_by(process) is None
    assert process.registry[version.name] is loaded  # for a shard that was claimed before
    async with database.transaction() as connection:
        await Workers(connection).deregister(other.id)
    assert await version.served_by(process) == loaded.card.sha256


async def test_the_default_model_is_announced_first_and_a_failing_one_delays_no_other(
    version: Version, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{place}-{uuid4()}" for place in ("first", "second", "third")]
    for name in names:
        write_scaled(version.folder, name, GOOD)
    await register_all(database, version.folder, None)

    def load_or_fail(folder: Path, device: torch.device) -> object:
        if names[0] in folder.name:
            raise RuntimeError("CUDA out of memory")
        return load_checkpoint(folder, device)

    monkeypatch.setattr(model_registry, "load_checkpoint", load_or_fail)
    process = Process(database, version.folder, default_model=names[2])
    await process.reloader.reload()
    assert process.loaded == [[names[2]], [names[2], names[1]]]
    assert "CUDA out of memory" in process.reloader.load_errors[names[0]]


async def test_a_worker_unloads_a_demoted_version_between_two_claims(
    version: Version, database: Database
) -> None:
    good = await version.add(GOOD)
    process = version.process()
    assert await version.served_by(process) == good
    async with database.transaction() as connection:
        await Promotions(connection).demote(version.name, "ann", [])
    async with process.claiming:
        reload = asyncio.create_task(process.reloader.reload())
        await asyncio.sleep(0.1)
        assert process.registry[version.name] is not None  # a claim may have found its shards
    await reload
    assert process.registry.held_versions == set()
    assert process.loaded[-1] == []
    restarted = version.process()
    assert await version.served_by(restarted) is None
    await version.add(BETTER)  # the trainer registers them, and does not request their promotion
    assert await version.served_by(restarted) is None
    async with database.transaction() as connection:
        await Promotions(connection).request(version.name, good)
    assert await version.served_by(process) == await version.served_by(restarted) == good


async def test_a_withdrawn_model_of_a_demoted_version_is_unloaded(
    version: Version, database: Database
) -> None:
    await version.add(GOOD)
    process = version.process()
    await version.served_by(process)
    process.registry.withdraw(version.name)
    async with database.transaction() as connection:
        await Promotions(connection).demote(version.name, "ann", [])
    await process.reloader.reload()
    assert process.registry.held_versions == set()
