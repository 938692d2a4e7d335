"""Model versions: list, promote, demote, publish and delete them."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.models import ModelVersion
from ostinato.schemas.pages import Page
from services.gateway.app_state import AppState
from services.gateway.dependencies import App, Caller
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import insufficient_scope, requires
from services.gateway.serving.model_status import Serving
from shared.broker.queues import Queue
from shared.db.api_keys import ValidKey
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions
from shared.db.retention.model_deletion import delete_version
from shared.errors import Conflict, Forbidden, InsufficientScope, InvalidRequest, NotFound

router = APIRouter(tags=["models"], prefix="/models")

MAX_LOADED_PER_OWNER = 5
"""Versions that are not published: each takes memory of every worker."""


@router.get("", dependencies=[requires(*Scope)])
async def list_models(app: App, key: Caller) -> Page[ModelVersion]:
    """List the published versions and yours: capabilities, training data and evaluation.

    Weights that are not promoted are included, with `promoted_at` null. `is_default` marks the
    version of requests without `model`. A key with the scope `admin` lists those of all owners.
    """
    async with app.database.transaction() as connection:
        found = await ModelVersions(connection).list_versions(_visible_to(key))
    serving = await Serving.read(app.database)
    return Page(items=[_marked(serving.describe(model), app) for model in found])


@router.post(
    "/{version}/promote",
    dependencies=[requires(Scope.TRAIN, Scope.ADMIN)],
    responses=responses(NotFound, Conflict, InvalidRequest),
)
async def promote_model(
    version: str,
    app: App,
    key: Caller,
    sha256: Annotated[
        str | None, Query(description="The weights; by default the newest of the version.")
    ] = None,
) -> ModelVersion:
    """Request the promotion of weights; it takes effect once a worker has tested them.

    `promotion` is `pending` until a worker has loaded the weights and they have passed its
    self-test. Then it is `promoted`: new shards get these weights, and running ones finish with the
    previous ones. If the worker refuses them it is `refused`, `promotion_detail` says why, and the
    previous weights stay promoted. Poll `GET /v1/models` for the result. The default of requests
    without `model` stays. The scope `train` is enough for a version of your own that is not
    published; any other one needs `admin`.
    """
    async with app.database.transaction() as connection:
        await _check_may_promote(connection, version, key)
        requested = await Promotions(connection).request(version, sha256)
    serving = await Serving.read(app.database)
    return _marked(serving.describe(requested), app)


@router.post(
    "/{version}/demote",
    dependencies=[requires(Scope.TRAIN, Scope.ADMIN)],
    responses=responses(NotFound, Conflict, InvalidRequest),
)
async def demote_model(version: str, app: App, key: Caller) -> ModelVersion:
    """End the promotion of a version: no key can use it until it is promoted again. Idempotent.

    A request for its promotion ends, too, and workers unload it; 409 while unfinished jobs use it.
    Other processes of the gateway accept jobs for it for up to one more second; such a job waits,
    as `waiting_for` says. If it is the default, requests without `model` get 409. The scope `train`
    is enough for a version of your own that is not published; any other one needs `admin`.
    """
    async with app.database.transaction() as connection:
        await _check_may_change(connection, version, key)
        demoted = await Promotions(connection).demote(version, key.owner, list(Queue))
    await app.capabilities.refresh()
    serving = await Serving.read(app.database)
    return _marked(serving.describe(demoted), app)


async def _check_may_promote(connection: AsyncConnection, version: str, key: ValidKey) -> None:
    """Check that a promotion changes only what the key may change.

    Raises:
        NotFound: the version is not registered, or is of another owner.
        InsufficientScope: everybody uses it, and the key has not the scope `admin`.
        Conflict: workers load as many versions of this owner as they may.
    """
    await _check_may_change(connection, version, key)
    if key.is_admin:
        return
    loaded = await ModelVersions(connection).loaded_names(key.owner) - {version}
    if len(loaded) >= MAX_LOADED_PER_OWNER:
        raise Conflict(
            f"You have {MAX_LOADED_PER_OWNER} promoted versions that are not published, the most "
            f"that is allowed ({', '.join(sorted(loaded))}); demote one, ask an admin to publish "
            "one, or to promote this one."
        )


async def _check_may_change(connection: AsyncConnection, version: str, key: ValidKey) -> None:
    """Check that the version is the owner's alone, unless the key has the scope `admin`.

    Raises:
        NotFound: the version is not registered, or is of another owner.
        InsufficientScope: everybody uses it.
    """
    if key.is_admin:
        return
    versions = ModelVersions(connection)
    owners = await versions.owners(version)
    if owners.isdisjoint({None, key.owner}):
        raise NotFound("model", version, models=sorted(await versions.names(key.owner)))
    if owners != {key.owner}:
        raise insufficient_scope(Scope.ADMIN)


@router.post(
    "/{version}/publish",
    dependencies=[requires(Scope.ADMIN)],
    responses=responses(NotFound, InvalidRequest),
)
async def publish_model(version: str, app: App, key: Caller) -> ModelVersion:  # noqa: ARG001 - requires a key
    """Let everybody see and use a version that a client trained. Idempotent."""
    async with app.database.transaction() as connection:
        published = await ModelVersions(connection).publish(version)
    serving = await Serving.read(app.database)
    return _marked(serving.describe(published), app)


@router.delete(
    "/{version}",
    status_code=204,
    dependencies=[requires(Scope.TRAIN)],
    responses=responses(NotFound, InsufficientScope, Forbidden, Conflict, InvalidRequest),
)
async def delete_model(version: str, app: App, key: Caller) -> None:
    """Delete a version that your training produced; 409 while it is promoted, or a base.

    The trainer deletes its files a few seconds later. Once it is published, this needs the scope
    `admin`, too.
    """
    async with app.database.transaction() as connection:
        await _check_may_change(connection, version, key)
        await delete_version(connection, version, key.owner)


def _visible_to(key: ValidKey) -> str | None:
    """The owner whose versions the key sees; None: those of all."""
    return None if key.is_admin else key.owner


def _marked(model: ModelVersion, app: AppState) -> ModelVersion:
    """The version, marked as the default if requests without `model` get these weights."""
    default = app.settings.default_model
    is_default = model.version == default and model.promoted_at is not None
    return model.model_copy(update={"is_default": is_default})
