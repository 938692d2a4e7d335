"""Model versions: list them with their cards, promote weights, publish versions."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.keys import Scope
from ostinato.schemas.models import ModelVersion
from ostinato.schemas.pages import Page
from services.gateway.dependencies import App, Caller
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import insufficient_scope, requires
from shared.db.api_keys import ValidKey
from shared.db.model_versions import ModelVersions
from shared.errors import Conflict, NotFound

router = APIRouter(tags=["models"], prefix="/models")

MAX_PROMOTED_PER_OWNER = 5
"""Versions that are not published: each takes memory of every worker."""


@router.get("", dependencies=[requires(*Scope)])
async def list_models(app: App, key: Caller) -> Page[ModelVersion]:
    """List the published versions and yours: capabilities, training data and evaluation.

    Weights that are not promoted are included, with `promoted_at` null. `is_default` marks the
    version of requests without `model`. A key with the scope `admin` lists those of all owners.
    """
    async with app.database.transaction() as connection:
        found = await ModelVersions(connection).list_versions(_visible_to(key))
    return Page(items=[_marked(model, app.settings.default_model) for model in found])


@router.post(
    "/{version}/promote",
    dependencies=[requires(Scope.TRAIN, Scope.ADMIN)],
    responses=responses(NotFound, Conflict),
)
async def promote_model(
    version: str,
    app: App,
    key: Caller,
    sha256: Annotated[
        str | None, Query(description="The weights; by default the newest of the version.")
    ] = None,
) -> ModelVersion:
    """Promote weights: workers load them after a self-test, and use them for new shards.

    Running shards finish with the previous weights. A worker whose self-test fails keeps them. The
    default of requests without `model` stays. The scope `train` is enough for a version of your own
    that is not published; any other one needs `admin`.
    """
    async with app.database.transaction() as connection:
        await _check_may_promote(connection, version, key)
        promoted = await ModelVersions(connection).promote(version, sha256)
    return _marked(promoted, app.settings.default_model)


async def _check_may_promote(connection: AsyncConnection, version: str, key: ValidKey) -> None:
    """Check that a promotion changes only what the key may change.

    Raises:
        NotFound: the version is not registered, or is of another owner.
        InsufficientScope: everybody uses it, and the key has not the scope `admin`.
        Conflict: workers load as many versions of this owner as they may.
    """
    if key.is_admin:
        return
    versions = ModelVersions(connection)
    owners = await versions.owners(version)
    if owners.isdisjoint({None, key.owner}):
        raise NotFound("model", version, models=sorted(await versions.names(key.owner)))
    if owners != {key.owner}:
        raise insufficient_scope(Scope.ADMIN)
    promoted = await versions.promoted_names(key.owner) - {version}
    if len(promoted) >= MAX_PROMOTED_PER_OWNER:
        raise Conflict(
            f"You have {MAX_PROMOTED_PER_OWNER} promoted versions that are not published, the most "
            f"that is allowed ({', '.join(sorted(promoted))}); ask an admin to publish one, or to "
            "promote this one."
        )


@router.post(
    "/{version}/publish", dependencies=[requires(Scope.ADMIN)], responses=responses(NotFound)
)
async def publish_model(version: str, app: App, key: Caller) -> ModelVersion:  # noqa: ARG001 - requires a key
    """Let everybody see and use a version that a client trained. Idempotent."""
    async with app.database.transaction() as connection:
        published = await ModelVersions(connection).publish(version)
    return _marked(published, app.settings.default_model)


def _visible_to(key: ValidKey) -> str | None:
    """The owner whose versions the key sees; None: those of all."""
    return None if key.is_admin else key.owner


def _marked(model: ModelVersion, default: str) -> ModelVersion:
    """The version, marked as the default if requests without `model` get these weights."""
    is_default = model.version == default and model.promoted_at is not None
    return model.model_copy(update={"is_default": is_default})
