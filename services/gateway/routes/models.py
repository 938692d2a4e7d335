"""Model versions: list them with their cards, promote and delete weights."""

from typing import Annotated

from fastapi import APIRouter, Query

from ostinato.schemas.models import ModelVersion
from ostinato.schemas.pages import Page
from services.gateway.dependencies import App, Owner
from services.gateway.problem_details import responses
from shared.db.model_versions import ModelVersions
from shared.db.retention.model_deletion import delete_version
from shared.errors import Conflict, Forbidden, NotFound

router = APIRouter(tags=["models"], prefix="/models")


@router.get("")
async def list_models(app: App, owner: Owner) -> Page[ModelVersion]:  # noqa: ARG001 - requires a key
    """List every model version with its card: capabilities, training data and evaluation.

    Weights that are not promoted are included, with `promoted_at` null. `is_default` marks the
    version of requests without `model`.
    """
    async with app.database.transaction() as connection:
        found = await ModelVersions(connection).list_versions()
    return Page(items=[_marked(model, app.settings.default_model) for model in found])


@router.post("/{version}/promote", responses=responses(NotFound))
async def promote_model(
    version: str,
    app: App,
    owner: Owner,  # noqa: ARG001 - requires a key
    sha256: Annotated[
        str | None, Query(description="The weights; by default the newest of the version.")
    ] = None,
) -> ModelVersion:
    """Promote weights: workers load them after a self-test, and use them for new shards.

    Running shards finish with the previous weights. A worker whose self-test fails keeps them. The
    default of requests without `model` stays.
    """
    async with app.database.transaction() as connection:
        promoted = await ModelVersions(connection).promote(version, sha256)
    return _marked(promoted, app.settings.default_model)


@router.delete("/{version}", status_code=204, responses=responses(NotFound, Forbidden, Conflict))
async def delete_model(version: str, app: App, owner: Owner) -> None:
    """Delete a version that your training produced; 409 while it is promoted, or a base.

    The trainer deletes its files a few seconds later.
    """
    async with app.database.transaction() as connection:
        await delete_version(connection, version, owner)


def _marked(model: ModelVersion, default: str) -> ModelVersion:
    """The version, marked as the default if requests without `model` get these weights."""
    is_default = model.version == default and model.promoted_at is not None
    return model.model_copy(update={"is_default": is_default})
