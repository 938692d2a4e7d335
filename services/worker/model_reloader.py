"""Loads promoted weights, tests requested ones, unloads demoted versions.

A request takes effect when a worker has loaded the weights and they have passed its self-test; if
the worker refuses them, the promoted weights stay. A worker that cannot load promoted weights falls
back to the last ones that a worker has served, unless another worker serves the promoted ones.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from services.worker.model_registry import LoadedModel, ModelRegistry
from shared.db.database import Database
from shared.db.promotions import Promotions, Request, WantedWeights
from shared.db.workers import Workers
from shared.models.checkpoints import InvalidCheckpoint

log = logging.getLogger(__name__)

RETRY_SECONDS = 30.0
"""Seconds until a failed load is tried again: its files may have been repaired."""


class Target(NamedTuple):
    """Weights to load."""

    version: str
    sha256: str
    requested_at: datetime | None = None
    """When their promotion was requested; None if they are promoted. A new request is a new target,
    which is tried at once."""


class Failure(NamedTuple):
    """Why weights could not be loaded."""

    detail: str
    not_before: float
    """When loading them is tried again, on the monotonic clock."""


class ModelReloader:
    """Keeps a registry up to date with the promotions of all versions."""

    def __init__(
        self,
        database: Database,
        registry: ModelRegistry,
        *,
        default_model: str,
        claiming: asyncio.Lock,
        on_change: Callable[[], Awaitable[None]],
    ) -> None:
        """`default_model` is loaded first; `on_change` is called when loaded versions change.

        `claiming` is locked while shards are claimed and started.
        """
        self._database = database
        self._registry = registry
        self._default_model = default_model
        self._claiming = claiming
        self._on_change = on_change
        self._failures: dict[Target, Failure] = {}
        self._wanted: Sequence[WantedWeights] = ()

    @property
    def load_errors(self) -> dict[str, str]:
        """By version, why weights are not loaded that are promoted or requested."""
        errors = {}
        for wanted in self._wanted:
            for target in reversed(_targets(wanted)):
                if target in self._failures:
                    errors[wanted.version] = self._failures[target].detail
        return errors

    async def reload(self) -> None:
        """Unload what is not promoted, load what is, one version after the other, test requests.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with self._database.connection() as connection:
            self._wanted = self._in_order(await Promotions(connection).wanted())
        self._forget_failures()
        await self._unload_demoted()
        for wanted in self._wanted:
            if wanted.promoted is not None:
                await self._serve(wanted, wanted.promoted)
            elif wanted.request is not None:
                await self._test(wanted.version, wanted.request)
        for wanted in self._wanted:
            # A refusal is final while other weights of the version are promoted.
            request = wanted.request
            if wanted.promoted is not None and request is not None and request.refusal is None:
                await self._test(wanted.version, request)

    async def _unload_demoted(self) -> None:
        """Unload versions without promoted weights, between two claims, which use loaded ones."""
        promoted = {it.version for it in self._wanted if it.promoted is not None}
        if self._registry.held_versions <= promoted:
            return
        async with self._claiming:
            self._registry.keep_only(promoted)
        await self._on_change()

    def _in_order(self, versions: Sequence[WantedWeights]) -> list[WantedWeights]:
        """The default version first, then those with promoted weights."""
        return sorted(
            versions,
            key=lambda wanted: (
                wanted.version != self._default_model,
                wanted.promoted is None,
                wanted.version,
            ),
        )

    def _forget_failures(self) -> None:
        """Keep those that `load_errors` contains, and those that delay another attempt."""
        now = time.monotonic()
        targets = {target for wanted in self._wanted for target in _targets(wanted)}
        self._failures = {
            target: failure
            for target, failure in self._failures.items()
            if target in targets or now < failure.not_before
        }

    async def _serve(self, wanted: WantedWeights, sha256: str) -> None:
        """Load promoted weights, unless they are loaded; fall back if that fails."""
        version = wanted.version
        if self._registry.sha256_by_version.get(version) != sha256:
            model = await self._load(Target(version, sha256))
            if model is None:
                await self._fall_back(version, sha256)
                return
            await self._activate(model)
        if not wanted.is_tested:
            async with self._database.transaction() as connection:
                await Promotions(connection).mark_tested(version, sha256)

    async def _test(self, version: str, request: Request) -> None:
        """Load requested weights, and record whether they pass the self-test."""
        target = Target(version, request.sha256, request.requested_at)
        if self._waits(target):
            return
        model = await self._load(target)
        async with self._database.transaction() as connection:
            promotions = Promotions(connection)
            if model is None:
                await promotions.refuse(version, request, self._failures[target].detail)
                return
            is_in_effect = await promotions.complete(version, request)
        if is_in_effect:
            log.info("Promoted %s (%s).", version, request.sha256[:12])
            await self._activate(model)

    async def _fall_back(self, version: str, promoted: str) -> None:
        """Serve earlier weights while no worker has the promoted ones; else serve none."""
        loaded = self._registry.sha256_by_version.get(version)
        async with self._database.connection() as connection:
            workers = await Workers(connection).live()
            tested = await Promotions(connection).tested_weights(version)
        if any(worker.loaded_models.get(version) == promoted for worker in workers):
            if loaded is not None:
                log.warning("Other workers serve %s (%s).", version, promoted[:12])
                self._registry.withdraw(version)
                await self._on_change()
            return
        if loaded is not None:
            return
        for sha256 in tested:
            if sha256 == promoted:
                continue
            model = await self._load(Target(version, sha256))
            if model is not None:
                log.warning("Fell back to %s (%s).", version, sha256[:12])
                await self._activate(model)
                return

    async def _activate(self, model: LoadedModel) -> None:
        self._registry.activate(model)
        await self._on_change()

    def _waits(self, target: Target) -> bool:
        """Whether loading these weights has failed a short time ago."""
        failure = self._failures.get(target)
        return failure is not None and time.monotonic() < failure.not_before

    async def _load(self, target: Target) -> LoadedModel | None:
        """Load and test weights; None if that fails, or has failed a short time ago."""
        if self._waits(target):
            return None
        version, sha256 = target.version, target.sha256
        try:
            model = await asyncio.to_thread(self._registry.load, version, sha256)
        except InvalidCheckpoint as error:
            detail = error.detail
            log.error("Cannot load %s: %s", version, detail)  # noqa: TRY400 - detail suffices
        except Exception as error:  # the device, or memory: other versions can still be loaded
            detail = f"{version} ({sha256[:12]}): {type(error).__name__}: {error}"
            log.exception("Cannot load %s.", version)
        else:
            self._failures.pop(target, None)
            return model
        self._failures[target] = Failure(detail, time.monotonic() + RETRY_SECONDS)
        return None


def _targets(wanted: WantedWeights) -> list[Target]:
    """The weights of a version to load: the promoted ones, then the requested ones."""
    targets = [] if wanted.promoted is None else [Target(wanted.version, wanted.promoted)]
    if wanted.request is not None:
        request = wanted.request
        targets.append(Target(wanted.version, request.sha256, request.requested_at))
    return targets
