"""API keys: created once in plain text, stored as SHA-256, with scopes.

A key has 256 random bits, so an unsalted hash is enough: there is nothing to guess.

A rotation makes a key with another id, whose column `first_id` has the id of the first key; it is
null for keys that replace no other. Jobs, usage and webhooks record that first id. So they belong
to a key however often it is rotated, and also after the rows of the earlier keys are deleted.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Interval,
    LargeBinary,
    Row,
    Uuid,
    and_,
    any_,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.keys import ApiKey, CreatedApiKey, Scope
from shared.db.owner_pages import newest_of_owner
from shared.db.tables.key_tables import api_keys
from shared.errors import NotFound, TooManyRequests
from shared.ids import new_id

PREFIX = "ost_"
VISIBLE_LENGTH = len(PREFIX) + 6
"""Characters of a key that are stored in plain text, to identify it in lists."""
ALL_SCOPES = frozenset(Scope)
MAX_KEYS_PER_OWNER = 100
"""With those that ended in the last `KEPT`."""
KEPT = timedelta(days=7)
"""How long a key that was revoked or has expired is kept."""
USE_INTERVAL = timedelta(minutes=1)
"""`last_used_at` of a key is written once in this time at most."""
RETRY_AFTER = 86_400

_FIRST_ID = func.coalesce(api_keys.c.first_id, api_keys.c.id).label("first_id")
_COLUMNS = [_FIRST_ID if name == "first_id" else api_keys.c[name] for name in ApiKey.model_fields]


class ValidKey(NamedTuple):
    """What a key permits."""

    id: UUID
    first_id: UUID
    """What jobs record: the id of the first key, if rotations have replaced it by this one."""
    owner: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None

    @property
    def is_admin(self) -> bool:
        """Whether it acts for everybody."""
        return Scope.ADMIN in self.scopes


class ApiKeys:
    """The API keys, inside the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def create(
        self,
        owner: str,
        scopes: Iterable[Scope] = ALL_SCOPES,
        *,
        name: str = "",
        lifetime: timedelta | None = None,
        latest_expiry: datetime | None = None,
        first_id: UUID | None = None,
    ) -> CreatedApiKey:
        """A new key for the owner; its secret cannot be shown again.

        It expires after its lifetime, and at the latest expiry; None: it does not. `first_id` is
        that of the key that it replaces.
        """
        key = PREFIX + secrets.token_urlsafe(32)
        inserted = await self._connection.execute(
            insert(api_keys)
            .values(
                id=new_id(),
                owner=owner,
                name=name,
                scopes=sorted({*scopes}),
                prefix=key[:VISIBLE_LENGTH],
                sha256=key_digest(key),
                expires_at=func.least(
                    _from_now(lifetime), cast(latest_expiry, DateTime(timezone=True))
                ),
                first_id=first_id,
            )
            .returning(*_COLUMNS)
        )
        return CreatedApiKey(**_api_key(inserted.one()).model_dump(), key=key)

    async def find(self, key: str) -> ValidKey | None:
        """A key by its secret; None if it is unknown or revoked, or has expired."""
        digest = key_digest(key)
        return (await self.find_valid([digest])).get(digest)

    async def find_valid(self, digests: Sequence[bytes]) -> dict[bytes, ValidKey]:
        """The valid ones of the keys with these digests.

        The look-up is by digest, so its duration reveals nothing about stored keys.
        """
        columns = (api_keys.c[name] for name in ("sha256", "id", "owner", "scopes", "expires_at"))
        rows = await self._connection.execute(
            select(_FIRST_ID, *columns).where(
                api_keys.c.sha256 == any_(literal(digests, ARRAY(LargeBinary))), _is_valid()
            )
        )
        return {
            row.sha256: ValidKey(
                row.id, row.first_id, row.owner, frozenset(_scopes(row.scopes)), row.expires_at
            )
            for row in rows
        }

    async def get(self, key_id: UUID) -> ApiKey:
        """A valid key.

        Raises:
            NotFound: there is no such key, or it is not valid any more.
        """
        return await self._one(api_keys.c.id == key_id, key_id)

    async def first_id(self, key_id: UUID, owner: str) -> UUID:
        """What jobs of one of the owner's keys record; it may have ended, or be a first id itself.

        Raises:
            NotFound: the owner has no such key.
        """
        of_owner = select(_FIRST_ID).where(api_keys.c.owner == owner)
        found: UUID | None = await self._connection.scalar(
            union_all(
                of_owner.where(api_keys.c.id == key_id),
                of_owner.where(api_keys.c.first_id == key_id),
            ).limit(1)
        )
        if found is None:
            raise NotFound("key", key_id)
        return found

    async def get_by_prefix(self, prefix: str) -> ApiKey:
        """The newest valid key with this prefix.

        Raises:
            NotFound: no valid key has this prefix.
        """
        return await self._one(api_keys.c.prefix == prefix, prefix)

    async def _one(self, condition: ColumnElement[bool], name: object) -> ApiKey:
        rows = await self._connection.execute(
            select(*_COLUMNS)
            .where(condition, _is_valid())
            .order_by(api_keys.c.created_at.desc())
            .limit(1)
        )
        row = rows.one_or_none()
        if row is None:
            raise NotFound("key", name)
        return _api_key(row)

    async def page(self, owner: str, *, before: UUID | None, limit: int) -> list[ApiKey]:
        """The owner's valid keys, newest first, older than `before`."""
        query = newest_of_owner(select(*_COLUMNS), api_keys, owner, before=before, limit=limit)
        return [_api_key(row) for row in await self._connection.execute(query.where(_is_valid()))]

    async def list_active(self) -> list[ApiKey]:
        """Every valid key of all owners, the oldest first; for the operator's command."""
        rows = await self._connection.execute(
            select(*_COLUMNS).where(_is_valid()).order_by(api_keys.c.id)
        )
        return [_api_key(row) for row in rows]

    async def revoke(self, key_id: UUID) -> None:
        """Revoke a key. Idempotent."""
        await self._connection.execute(
            update(api_keys)
            .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )

    async def rotate(self, key: ApiKey, grace: timedelta) -> CreatedApiKey:
        """Another key with the owner, name, scopes and expiry of a key, which ends after `grace`.

        Raises:
            NotFound: the key is not valid any more.
        """
        ended = await self._connection.scalar(
            update(api_keys)
            .where(api_keys.c.id == key.id, _is_valid())
            .values(expires_at=func.least(api_keys.c.expires_at, _from_now(grace)))
            .returning(api_keys.c.id)
        )
        if ended is None:
            raise NotFound("key", key.id)
        return await self.create(
            key.owner,
            key.scopes,
            name=key.name,
            latest_expiry=key.expires_at,
            first_id=key.first_id,
        )

    async def make_room(self, owner: str) -> None:
        """Delete the owner's keys that ended long ago, and check that another may be created.

        Raises:
            TooManyRequests: the owner has as many keys as one owner may have.
        """
        ended = or_(
            api_keys.c.revoked_at < _from_now(-KEPT), api_keys.c.expires_at < _from_now(-KEPT)
        )
        owned = newest_of_owner(
            select(api_keys.c.id), api_keys, owner, before=None, limit=MAX_KEYS_PER_OWNER
        )
        await self._connection.execute(
            delete(api_keys).where(api_keys.c.id.in_(owned.where(ended).scalar_subquery()))
        )
        if len((await self._connection.execute(owned)).all()) >= MAX_KEYS_PER_OWNER:
            raise TooManyRequests(
                f"{owner} has {MAX_KEYS_PER_OWNER} keys, the most that is allowed, with those that "
                f"ended in the last {KEPT.days} days; delete one, and wait.",
                retry_after=RETRY_AFTER,
            )

    async def record_use(self, key_ids: Sequence[UUID]) -> None:
        """Write that these keys have been used, unless that was written a moment ago.

        A row that another transaction is changing is skipped, so that no two wait for each other.
        """
        used = (
            select(api_keys.c.id)
            .where(
                api_keys.c.id == any_(literal(key_ids, ARRAY(Uuid))),
                or_(
                    api_keys.c.last_used_at.is_(None),
                    api_keys.c.last_used_at < _from_now(-USE_INTERVAL),
                ),
            )
            .with_for_update(skip_locked=True)
        )
        await self._connection.execute(
            update(api_keys)
            .where(api_keys.c.id.in_(used.scalar_subquery()))
            .values(last_used_at=func.now())
        )


def key_digest(key: str) -> bytes:
    """The SHA-256 by which a key is stored."""
    return hashlib.sha256(key.encode()).digest()


def _is_valid() -> ColumnElement[bool]:
    expiry = api_keys.c.expires_at
    return and_(api_keys.c.revoked_at.is_(None), or_(expiry.is_(None), expiry > func.now()))


def _from_now(duration: timedelta | None) -> ColumnElement[Any]:
    """A point in time; null without a duration."""
    return func.now() + cast(duration, Interval)


def _scopes(names: Iterable[str]) -> list[Scope]:
    """The scopes that this release knows, in their order."""
    return [scope for scope in Scope if scope in names]


def _api_key(row: Row[Any]) -> ApiKey:
    values = dict(row._mapping)  # noqa: SLF001 - public API of Row, despite its name
    return ApiKey(**{**values, "scopes": _scopes(row.scopes)})
