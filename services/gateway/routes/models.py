"""The model versions: those that can be asked for, and those that wait to be promoted."""

from typing import Annotated

from fastapi import APIRouter, Query

from ostinato.schemas.models import ModelVersion
from ostinato.schemas.pages import Page
from services.gateway.dependencies import Gateway, Owner
from shared.db.models import Models

router = APIRouter(tags=["models"], prefix="/models")


@router.get("")
async def list_models(gateway: Gateway, owner: Owner) -> Page[ModelVersion]:  # noqa: ARG001 - a key is asked for
    """Every version with its card: what it can, what made it, how good it is.

    Weights that were trained and not promoted are listed too, with `promoted_at` null.
    """
    async with gateway.database.transaction() as connection:
        return Page(items=await Models(connection).all())


@router.post("/{version}/promote")
async def promote(
    version: str,
    gateway: Gateway,
    owner: Owner,  # noqa: ARG001 - a key is asked for
    sha256: Annotated[
        str | None, Query(description="Which weights; left out: the newest of the version.")
    ] = None,
) -> ModelVersion:
    """Let workers play these weights from now on; what they have begun ends as it began.

    A worker tries them first, and keeps what it had if anything is wrong with them.
    """
    async with gateway.database.transaction() as connection:
        return await Models(connection).promote(version, sha256)
