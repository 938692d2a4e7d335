"""The model versions that can be asked for."""

from fastapi import APIRouter

from services.gateway.dependencies import Gateway, Owner
from shared.db.models import Models
from shared.schemas.models import ModelVersion
from shared.schemas.pages import Page

router = APIRouter(tags=["models"], prefix="/models")


@router.get("")
async def list_models(gateway: Gateway, owner: Owner) -> Page[ModelVersion]:  # noqa: ARG001 - a key is asked for
    """Every version with its card: what it can, what made it, how good it is."""
    async with gateway.database.transaction() as connection:
        return Page(items=await Models(connection).all())
