"""Which models are served, by which weights, or why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from ostinato.schemas.models import ModelVersion, PromotionState
from shared.db.database import Database
from shared.db.promotions import Promotions, WantedWeights
from shared.db.workers import WorkerRow, Workers


class ModelState(StrEnum):
    """Whether jobs of a version run."""

    READY = "ready"
    """A worker serves it."""
    WAITING = "waiting"
    """No worker serves it yet: none is running, or they still load it."""
    REFUSED = "refused"
    """No worker can load it, or it failed their self-test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStatus:
    """Whether one version is served."""

    version: str
    state: ModelState
    reason: str | None = None
    """Why it is not served, or is served otherwise than requested."""
    workers: int = 0
    """The number of workers that serve it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The promotions of all versions, and the live workers."""

    wanted: Mapping[str, WantedWeights] = field(default_factory=dict)
    workers: Sequence[WorkerRow] = ()

    @classmethod
    async def read(cls, database: Database) -> Self:
        """The current state.

        Raises:
            Unavailable: PostgreSQL does not answer.
        """
        async with database.connection() as connection:
            wanted = await Promotions(connection).wanted()
            workers = await Workers(connection).live()
        return cls(wanted={item.version: item for item in wanted}, workers=workers)

    def statuses(self) -> list[ModelStatus]:
        """The state of every published version that is promoted, or is to be."""
        return [self.status(it.version) for it in self.wanted.values() if it.is_published]

    def status(self, version: str) -> ModelStatus:
        """The state of one version."""
        serving = sum(version in worker.loaded_models for worker in self.workers)
        if serving:
            reason = self._difference(version)
            return ModelStatus(
                version=version, state=ModelState.READY, reason=reason, workers=serving
            )
        cause = self._refusal(version) or self._load_error(version)
        if cause is not None:
            reason = f"No worker serves {version}: {cause}"
            return ModelStatus(version=version, state=ModelState.REFUSED, reason=reason)
        return ModelStatus(
            version=version, state=ModelState.WAITING, reason=self._what_is_missing(version)
        )

    def waiting_for(self, version: str) -> str | None:
        """What a job of this version waits for besides its turn."""
        status = self.status(version)
        return None if status.state is ModelState.READY else status.reason

    def describe(self, model: ModelVersion) -> ModelVersion:
        """Weights with the workers that serve them, and the reason for their state."""
        weights = (model.version, model.sha256)
        workers = sum(weights in worker.loaded_models.items() for worker in self.workers)
        return model.model_copy(
            update={"workers": workers, "promotion_detail": self._detail(model, workers)}
        )

    def _detail(self, model: ModelVersion, workers: int) -> str | None:
        if model.promotion is PromotionState.PENDING:
            wanted = self.wanted.get(model.version)
            return self._what_is_pending(None if wanted is None else wanted.promoted)
        if model.promotion is not PromotionState.PROMOTED or workers:
            return model.promotion_detail
        status = self.status(model.version)
        return status.reason or "Workers have yet to load these weights."

    def _what_is_pending(self, promoted: str | None) -> str:
        action = (
            "A worker tests these weights"
            if self.workers
            else "No worker is running: the next one that starts tests these weights"
        )
        meanwhile = f"; until then, {promoted[:12]} stays promoted" if promoted else ""
        return f"{action}{meanwhile}."

    def _what_is_missing(self, version: str) -> str:
        wanted = self.wanted.get(version)
        if wanted is None:
            return f"No worker serves {version}, because none of its weights are promoted."
        if not self.workers:
            return f"No worker is running: jobs of {version} start when one does."
        return f"Workers have yet to load {version}."

    def _difference(self, version: str) -> str | None:
        """Why a version that is served is served by other weights than those requested."""
        wanted = self.wanted.get(version)
        error = self._load_error(version)
        loaded = {worker.loaded_models.get(version) for worker in self.workers} - {None}
        promoted = wanted.promoted if wanted else None
        if error is not None and promoted is not None and promoted not in loaded:
            weights = ", ".join(sorted(sha256[:12] for sha256 in loaded if sha256))
            return f"Workers serve earlier weights ({weights}): {error}"
        refused = self._refusal(version)
        if refused is not None:
            return f"Other weights were refused: {refused}"
        return None if error is None else f"Not every worker serves it: {error}"

    def _refusal(self, version: str) -> str | None:
        """Why a worker refused the requested weights."""
        wanted = self.wanted.get(version)
        request = wanted.request if wanted else None
        return request.refusal if request else None

    def _load_error(self, version: str) -> str | None:
        """The error of the first worker that cannot load the version."""
        return next(
            (w.load_errors[version] for w in self.workers if version in w.load_errors), None
        )
