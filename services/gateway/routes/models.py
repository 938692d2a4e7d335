"""Model versions: list them with their cards, and promote weights."""

from typing import Annotated

from fastapi import APIRouter, Query

from ostinato.schemas.models import ModelVersion
from ostinato.schemas.pages import Page
from services.gateway.dependencies import App, Owner
from shared.db.model_versions import ModelVersions

router = APIRouter(tags=["models"], prefix="/models")


@router.get("")
async def list_models(app: App, owner: Owner) -> Page[ModelVersion]:  # noqa: ARG001 - requires a key
    """List every model version with its card: capabilities, training data and evaluation.

    Weights that are not promoted are included, with `promoted_at` null.
    """
    async with app.database.transaction() as connection:
        return Page(items=await ModelVersions(connection).list_versions())


@router.post("/{version}/promote")
async def promote_model(
    version: str,
    app: App,
    owner: Owner,  # noqa: ARG001 - requires a key
    sha256: Annotated[
        str | None, Query(description="The weights; by default the newest of the version.")
    ] = None,
) -> ModelVersion:
    """Promote weights: workers load them after a self-test, and use them for new shards.

    Running shards finish with the previous weights. A worker whose self-test fails keeps them.
    """
    async with app.database.transaction() as connection:
        return await ModelVersions(connection).promote(version, sha256)
