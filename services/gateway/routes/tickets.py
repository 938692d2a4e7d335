"""Tickets: one look at one job's events without a key in a header."""

from uuid import UUID

from fastapi import APIRouter

from services.gateway.dependencies import Gateway, Owner
from shared.db.keys import Tickets
from shared.db.ledger import Ledger
from shared.schemas.tickets import Ticket

router = APIRouter(tags=["events"], prefix="/tickets")


@router.post("", status_code=201)
async def post_ticket(job_id: UUID, gateway: Gateway, owner: Owner) -> Ticket:
    """A ticket for one subscription, good for a minute and for one use."""
    async with gateway.database.transaction() as connection:
        await Ledger(connection).outline(job_id, owner)
        return await Tickets(connection).issue(owner, job_id)
