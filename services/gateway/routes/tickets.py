"""Tickets: one look at one job's events without a key in a header."""

from uuid import UUID

from fastapi import APIRouter

from ostinato.schemas.tickets import Ticket
from services.gateway.dependencies import Gateway, Owner
from shared.db.api_keys import Tickets
from shared.db.job_store import Ledger

router = APIRouter(tags=["events"], prefix="/tickets")


@router.post("", status_code=201)
async def post_ticket(job_id: UUID, gateway: Gateway, owner: Owner) -> Ticket:
    """A ticket for one subscription, good for a minute and for one use."""
    async with gateway.database.transaction() as connection:
        await Ledger(connection).outline(job_id, owner)
        return await Tickets(connection).issue(owner, job_id)
