"""Authentication: an API key in a header, or a ticket in the query string.

Tickets are for clients that cannot set headers, such as a browser's EventSource.
Authorization is up to the repositories: each query is restricted to the rows of the owner.
"""

from uuid import UUID

from starlette.requests import HTTPConnection

from shared.db.api_keys import ApiKeys
from shared.db.database import Database
from shared.db.tickets import StreamTickets
from shared.errors import Unauthenticated

SCHEME = "bearer "


async def authenticate_key(database: Database, key: str | None) -> str:
    """The owner of an API key.

    Raises:
        Unauthenticated: the key is missing, unknown or revoked.
    """
    if not key:
        raise Unauthenticated("Send your API key: `Authorization: Bearer ost_...`.")
    async with database.transaction() as connection:
        owner = await ApiKeys(connection).find_owner(key)
    if owner is None:
        raise Unauthenticated("This API key is unknown or revoked.")
    return owner


async def authenticate_stream(database: Database, connection: HTTPConnection, job_id: UUID) -> str:
    """The owner of the ticket in the query string, or else of the key in the header.

    Raises:
        Unauthenticated: the ticket was used, has expired or is for another job; or the key is
            missing, unknown or revoked.
    """
    ticket = connection.query_params.get("ticket")
    if ticket is None:
        header = connection.headers.get("authorization", "")
        key = header[len(SCHEME) :] if header.lower().startswith(SCHEME) else None
        return await authenticate_key(database, key)
    async with database.transaction() as transaction:
        owner = await StreamTickets(transaction).redeem(ticket, job_id)
    if owner is None:
        raise Unauthenticated("This ticket was used, has expired, or is for another job.")
    return owner
