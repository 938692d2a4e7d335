"""Model versions: list them with their cards, promote and delete weights."""

from typing import Annotated

from fastapi import APIRouter, Query

from ostinato.schemas.models import ModelVersion
from ostinato.schemas.pages import Page
from services.gateway.app_state import AppState
from services.gateway.dependencies import App, Owner
from services.gateway.problem_details import responses
from services.gateway.serving.model_status import Serving
from shared.db.model_versions import ModelVersions
from shared.db.promotions import Promotions
from shared.db.retention.model_deletion import delete_version
from shared.errors import Conflict, Forbidden, InvalidRequest, NotFound

router = APIRouter(tags=["models"], prefix="/models")


@router.get("")
async def list_models(app: App, owner: Owner) -> Page[ModelVersion]:  # noqa: ARG001 - requires a key
    """List every model version with its card: capabilities, training data and evaluation.

    Weights that are not promoted are included, with `promoted_at` null. `is_default` marks the
    version of requests without `model`.
    """
    async with app.database.transaction() as connection:
        found = await ModelVersions(connection).list_versions()
    serving = await Serving.read(app.database)
    return Page(items=[_marked(serving.describe(model), app) for model in found])


@router.post("/{version}/promote", responses=responses(NotFound, InvalidRequest))
async def promote_model(
    version: str,
    app: App,
    owner: Owner,  # noqa: ARG001 - requires a key
    sha256: Annotated[
        str | None, Query(description="The weights; by default the newest of the version.")
    ] = None,
) -> ModelVersion:
    """Request the promotion of weights; it takes effect once a worker has tested them.

    `promotion` is `pending` until a worker has loaded the weights and they have passed its
    self-test. Then it is `promoted`: new shards get these weights, and running ones finish with the
    previous ones. If the worker refuses them it is `refused`, `promotion_detail` says why, and the
    previous weights stay promoted. Poll `GET /v1/models` for the result. The default of requests
    without `model` stays.
    """
    async with app.database.transaction() as connection:
        requested = await Promotions(connection).request(version, sha256)
    serving = await Serving.read(app.database)
    return _marked(serving.describe(requested), app)


@router.delete(
    "/{version}",
    status_code=204,
    responses=responses(NotFound, Forbidden, Conflict, InvalidRequest),
)
async def delete_model(version: str, app: App, owner: Owner) -> None:
    """Delete a version that your training produced; 409 while it is promoted, or a base.

    The trainer deletes its files a few seconds later.
    """
    async with app.database.transaction() as connection:
        await delete_version(connection, version, owner)


def _marked(model: ModelVersion, app: AppState) -> ModelVersion:
    """The version, marked as the default if requests without `model` get these weights."""
    default = app.settings.default_model
    is_default = model.version == default and model.promoted_at is not None
    return model.model_copy(update={"is_default": is_default})
