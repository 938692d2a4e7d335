"""The index of the API: where its description is; this route needs no API key."""

from fastapi import APIRouter

from ostinato.schemas.schema import Schema

router = APIRouter(tags=["index"])


class ApiIndex(Schema):
    """What a client can read next; paths are relative to the gateway's address."""

    name: str = "Ostinato"
    docs: str = "/docs"
    """A page that describes every route and can send requests."""
    openapi: str = "/openapi.json"
    """The same description in the OpenAPI format."""
    authorization: str = "Authorization: Bearer <API key>"
    """The header that every other route below `/v1` needs."""


@router.get("/v1/", include_in_schema=False)
@router.get("/v1")
async def index() -> ApiIndex:
    """Say where the description of the API is."""
    return ApiIndex()
