"""Promotions: requested and ended by clients, decided by a worker that tests.

| state    | promoted_at | requested_at | refusal |
|----------|-------------|--------------|---------|
| pending  |             | set          |         |
| refused  |             | set or not   | set     |
| promoted | set         |              |         |

A version has at most one request and one promotion; a new request replaces the previous one. Until
a request takes effect, the promoted weights stay. `served_at` is when weights last took effect: it
stays when others replace them, so that workers can fall back to them. `demoted_at` is set on all
weights of a version that was demoted, until a promotion is requested: the trainer requests none for
it by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.models import ModelVersion
from shared.db.job_queue.pending import items_of_model
from shared.db.model_versions import model_version
from shared.db.tables.model_tables import models
from shared.errors import Conflict, NotFound

MAX_FALLBACKS = 5
"""Earlier weights of a version that a worker tries when it cannot load the promoted ones."""
MAX_LISTED = 1000
"""Weights that an error lists."""
MAX_WANTED = 10_000
"""Weights that workers look at; more versions are not served."""

_COLUMNS = [column for column in models.c if column.name not in {"card", "data_error"}]
"""Without the cards, which contain learning curves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A promotion that is not in effect."""

    sha256: str
    requested_at: datetime
    refusal: str | None
    """Why a worker refused the weights; None if it is pending."""


@dataclass(slots=True, kw_only=True)
class WantedWeights:
    """What workers have to serve and to test of one version."""

    version: str
    promoted: str | None = None
    """The SHA-256 of the promoted weights."""
    is_tested: bool = True
    """Whether the promoted weights have passed a self-test."""
    request: Request | None = None
    is_published: bool = True
    """Whether every owner may know of it."""

    @property
    def is_served(self) -> bool:
        """Whether clients may request the version."""
        return self.promoted is not None or (
            self.request is not None and self.request.refusal is None
        )


class Promotions:
    """The promotions, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def request(self, version: str, sha256: str | None = None) -> ModelVersion:
        """Request the promotion of these weights of a version, or by default of the newest.

        Weights that are promoted stay so, and the request for others ends. A refused request
        becomes pending again.

        Raises:
            NotFound: the version is not registered, or has no such weights.
        """
        rows = await self._lock(version, sha256)
        named = [row for row in rows if row.is_named]
        found = max(named, key=lambda row: row.registered_at, default=None)
        if found is None:
            raise await self._not_found(version, sha256, rows)
        weights = (models.c.version == version, models.c.sha256 == found.sha256)
        await self._connection.execute(
            update(models)
            .where(
                models.c.version == version,
                models.c.sha256 != found.sha256,
                models.c.requested_at.is_not(None),
            )
            .values(requested_at=None)
        )
        await self._connection.execute(
            update(models)
            .where(models.c.version == version, models.c.demoted_at.is_not(None))
            .values(demoted_at=None)
        )
        is_pending = found.requested_at is not None and found.refusal is None
        if found.promoted_at is None and not is_pending:
            await self._connection.execute(
                update(models).where(*weights).values(requested_at=func.now(), refusal=None)
            )
        return model_version((await self._connection.execute(select(models).where(*weights))).one())

    async def demote(self, version: str, owner: str, queues: Sequence[str]) -> ModelVersion:
        """End the promotion of a version, and the request for one. Idempotent.

        Returns the weights that were promoted, or else the newest ones. `owner` asks for it;
        `queues` are those of the workers.

        Raises:
            NotFound: the version is not registered.
            Conflict: unfinished jobs use the version.
        """
        rows = await self._lock(version)
        if not rows:
            raise await self._not_found(version, None, rows)
        if any(row.promoted_at is not None or row.requested_at is not None for row in rows):
            await self._check_unused(version, owner, queues)
        await self._connection.execute(
            update(models)
            .where(models.c.version == version)
            .values(
                promoted_at=None,
                requested_at=None,
                demoted_at=func.coalesce(models.c.demoted_at, func.now()),
            )
        )
        described = max(rows, key=lambda row: (row.promoted_at is not None, row.registered_at))
        weights = (models.c.version == version, models.c.sha256 == described.sha256)
        return model_version((await self._connection.execute(select(models).where(*weights))).one())

    async def _check_unused(self, version: str, owner: str, queues: Sequence[str]) -> None:
        unfinished = await items_of_model(self._connection, queues, version, owner)
        if unfinished.of_owner:
            raise Conflict(
                f"Your unfinished jobs use {version} for {unfinished.of_owner:,} melodies; wait "
                "for the jobs, or cancel them."
            )
        if unfinished.of_others:
            raise Conflict(
                f"Unfinished jobs of other owners use {version} for {unfinished.of_others:,} "
                "melodies; wait for them, or let their owners cancel them."
            )

    async def demoted(self) -> set[str]:
        """The versions that were demoted, and whose promotion was not requested since."""
        names = await self._connection.scalars(
            select(models.c.version).where(models.c.demoted_at.is_not(None)).distinct()
        )
        return {*names}

    async def wanted(self) -> list[WantedWeights]:
        """The promoted and the requested weights of every version that has any, by version."""
        rows = await self._connection.execute(
            select(*_COLUMNS)
            .where(or_(models.c.promoted_at.is_not(None), models.c.requested_at.is_not(None)))
            .order_by(models.c.version)
            .limit(MAX_WANTED)
        )
        found: dict[str, WantedWeights] = {}
        for row in rows:
            wanted = found.setdefault(
                row.version, WantedWeights(version=row.version, is_published=False)
            )
            wanted.is_published |= row.owner is None
            if row.promoted_at is not None:
                wanted.promoted, wanted.is_tested = row.sha256, row.served_at is not None
            else:
                wanted.request = Request(
                    sha256=row.sha256, requested_at=row.requested_at, refusal=row.refusal
                )
        return list(found.values())

    async def complete(self, version: str, request: Request) -> bool:
        """Put a request into effect: its weights replace the promoted ones.

        Returns False, and changes nothing, if another request has replaced it.
        """
        rows = await self._lock(version)
        if not any(_is_request(row, request) for row in rows):
            return False
        await self._connection.execute(
            update(models)
            .where(models.c.version == version, models.c.promoted_at.is_not(None))
            .values(promoted_at=None)
        )
        await self._connection.execute(
            update(models)
            .where(models.c.version == version, models.c.sha256 == request.sha256)
            .values(promoted_at=func.now(), served_at=func.now(), requested_at=None, refusal=None)
        )
        return True

    async def refuse(self, version: str, request: Request, reason: str) -> None:
        """Record why a worker refuses the weights of a request, unless another has replaced it."""
        await self._connection.execute(
            update(models).where(*_held(version, request)).values(refusal=reason)
        )

    async def mark_tested(self, version: str, sha256: str) -> None:
        """Record that promoted weights have passed a self-test; workers can fall back to them."""
        await self._connection.execute(
            update(models)
            .where(
                models.c.version == version,
                models.c.sha256 == sha256,
                models.c.promoted_at.is_not(None),
                models.c.served_at.is_(None),
            )
            .values(served_at=func.now())
        )

    async def tested_weights(self, version: str) -> list[str]:
        """The weights of a version that workers have served, the last ones first."""
        found = await self._connection.scalars(
            select(models.c.sha256)
            .where(models.c.version == version, models.c.served_at.is_not(None))
            .order_by(models.c.served_at.desc())
            .limit(MAX_FALLBACKS)
        )
        return list(found)

    async def _lock(self, version: str, sha256: str | None = None) -> list[Row[Any]]:
        """Lock the weights of a version; promotions of one version follow each other.

        `is_named` is whether they have this SHA-256; all have if there is none.
        """
        is_named = models.c.sha256 == (sha256 or models.c.sha256)
        rows = await self._connection.execute(
            select(*[*_COLUMNS, is_named.label("is_named")])
            .where(models.c.version == version)
            .order_by(models.c.sha256)
            .with_for_update()
        )
        return list(rows)

    async def _not_found(
        self, version: str, sha256: str | None, rows: Sequence[Row[Any]]
    ) -> NotFound:
        """An error that lists the registered versions, or the registered weights of the version."""
        if rows:
            weights = [row.sha256 for row in rows][:MAX_LISTED]
            return NotFound("model", f"{version} with weights {sha256}", weights=weights)
        names = await self._connection.scalars(
            select(models.c.version).distinct().order_by(models.c.version).limit(MAX_LISTED)
        )
        return NotFound("model", version, models=list(names))


def _is_request(row: Row[Any], request: Request) -> bool:
    return (row.sha256, row.requested_at) == (request.sha256, request.requested_at)


def _held(version: str, request: Request) -> tuple[ColumnElement[bool], ...]:
    """The condition under which no other request has replaced this one."""
    return (
        models.c.version == version,
        models.c.sha256 == request.sha256,
        models.c.requested_at == request.requested_at,
    )
