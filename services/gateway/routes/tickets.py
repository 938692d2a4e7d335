"""Tickets: access to one job's events for clients that cannot set headers."""

from uuid import UUID

from fastapi import APIRouter

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.tickets import Ticket
from services.gateway.dependencies import App, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.scopes import requires
from shared.db.job_queue.job_store import JobStore
from shared.db.tickets import StreamTickets
from shared.errors import InvalidRequest, NotFound

router = APIRouter(
    tags=["events"], prefix="/tickets", dependencies=[requires(Scope.GENERATE, Scope.TRAIN)]
)


@router.post("", status_code=201, responses=responses(NotFound, InvalidRequest))
async def create_ticket(job_id: UUID, app: App, owner: Owner) -> Ticket:
    """Create a ticket for one subscription; it is valid for one minute and one use."""
    async with app.database.transaction() as connection:
        await JobStore(connection).status(job_id, owner)
        return await StreamTickets(connection).issue(owner, job_id)
