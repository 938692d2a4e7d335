"""API keys as clients see them; the secret only when a key is created."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from ostinato.schemas.schema import Schema

MAX_LIFETIME_DAYS = 3650
MAX_GRACE_SECONDS = 30 * 86_400


class Scope(StrEnum):
    """What a key may be used for."""

    GENERATE = "generate"
    """Submit and read generations, batches, primers, melodies and engravings."""
    TRAIN = "train"
    """Upload data sets, train versions of one's own and evaluate them."""
    ADMIN = "admin"
    """Promote and publish versions for everybody, and create keys for every owner."""


KeyName = Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")]
OwnerName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class Identity(Schema):
    """Who sends the request."""

    owner: str
    """The owner of the key, and of everything that is created with it."""
    key_id: UUID
    scopes: list[Scope]
    """What the key may be used for."""
    expires_at: datetime | None
    """When the key expires; null: never."""


class ApiKey(Schema):
    """An API key without its secret."""

    id: UUID
    first_id: UUID
    """The id of the key that rotations have replaced by this one, or its own: jobs, usage and
    webhooks have this id, so that they belong to a key as long as it is rotated."""
    owner: str
    name: str
    """What its owner calls it; empty if it has no name."""
    prefix: str
    """The first characters of the key."""
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    """When it expires; null: never."""
    last_used_at: datetime | None
    """When it was last used, up to two minutes late; null if it never was."""


class CreatedApiKey(ApiKey):
    """A new API key. It is not stored, so that this is the only response that contains it."""

    key: str
    """The secret, for `Authorization: Bearer`."""


class ApiKeyRequest(Schema):
    """A request for another API key."""

    name: KeyName = ""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(Scope), fail_fast=True)]
    """Scopes that the key of the request has; with `admin`, any."""
    owner: OwnerName | None = None
    """The owner; other owners than your own need the scope `admin`."""
    expires_in_days: Annotated[int, Field(ge=1, le=MAX_LIFETIME_DAYS)] | None = None
    """Days until it expires; if omitted: never, or when the key of the request does."""


class RotationRequest(Schema):
    """How an API key is replaced."""

    grace_seconds: Annotated[int, Field(ge=0, le=MAX_GRACE_SECONDS)] = 86_400
    """Seconds for which the old key remains valid."""
