"""Who is asking: a bearer key in a header, or a ticket where headers cannot be set.

Refuses to know what an owner may do with a thing: repositories look only among the owner's own.
"""

from uuid import UUID

from starlette.requests import HTTPConnection

from shared.db.api_keys import Keys, Tickets
from shared.db.database import Database
from shared.errors import Unauthenticated

SCHEME = "bearer "


async def owner_of_key(database: Database, key: str | None) -> str:
    """Whose key this is.

    Raises:
        Unauthenticated: there is no key, or nobody has it.
    """
    if not key:
        raise Unauthenticated("Send your API key: `Authorization: Bearer ost_...`.")
    async with database.transaction() as connection:
        owner = await Keys(connection).owner_of(key)
    if owner is None:
        raise Unauthenticated("Nobody has this API key (any more).")
    return owner


async def owner_of_stream(database: Database, connection: HTTPConnection, job_id: UUID) -> str:
    """Who may follow this job: the owner of the ticket in the query, else of the key.

    Raises:
        Unauthenticated: the ticket was used before, has expired, or is for another job.
    """
    ticket = connection.query_params.get("ticket")
    if ticket is None:
        header = connection.headers.get("authorization", "")
        key = header[len(SCHEME) :] if header.lower().startswith(SCHEME) else None
        return await owner_of_key(database, key)
    async with database.transaction() as transaction:
        owner = await Tickets(transaction).spend(ticket, job_id)
    if owner is None:
        raise Unauthenticated("This ticket was used, has expired, or is for another job.")
    return owner
