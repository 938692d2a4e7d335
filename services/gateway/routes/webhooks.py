"""Webhooks: URLs that receive an event when a job of their owner or key has ended."""

from uuid import UUID

from fastapi import APIRouter

from ostinato.schemas.account.keys import Scope
from ostinato.schemas.account.webhooks import (
    DeliveryState,
    NewWebhook,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookRequest,
    WebhookSecret,
)
from ostinato.schemas.pages import Page
from services.gateway.dependencies import App, IdCursor, Limit, Owner
from services.gateway.problem_details import responses
from services.gateway.requests.json_body import JsonBodyRoute
from services.gateway.requests.scopes import requires
from services.gateway.submission.webhook_checks import check_url
from shared.db.api_keys import ApiKeys
from shared.db.webhooks.deliveries import WebhookDeliveries
from shared.db.webhooks.endpoints import Webhooks
from shared.errors import BodyTooLarge, Conflict, InvalidRequest, NotFound

router = APIRouter(
    tags=["webhooks"],
    prefix="/webhooks",
    route_class=JsonBodyRoute,
    dependencies=[requires(Scope.GENERATE, Scope.TRAIN)],
)
CREATION_ERRORS = responses(NotFound, Conflict, BodyTooLarge, InvalidRequest)
sent = APIRouter(tags=["webhooks"])
"""What a receiver gets: no route, but a part of the OpenAPI document."""


@sent.post(
    "event",
    status_code=204,
    responses={
        410: {"description": "No further event is sent to the webhook."},
        "default": {"description": "Any status but 2xx: the event is sent again later."},
    },
)
async def receive_event(event: WebhookEvent) -> None:
    """Receive an event, signed as Standard Webhooks specifies; answer with any 2xx status."""


@router.post("", status_code=201, responses=CREATION_ERRORS)
async def create_webhook(request: WebhookRequest, app: App, owner: Owner) -> NewWebhook:
    """Create a webhook for all of your jobs, or those of one key of yours.

    The response is the only one that has its secret.
    """
    check_url(app, request)
    async with app.database.transaction() as connection:
        if request.key_id is not None:
            first_id = await ApiKeys(connection).first_id(request.key_id, owner)
            request = request.model_copy(update={"key_id": first_id})
        return await Webhooks(connection).create(owner, request)


@router.get("")
async def list_webhooks(app: App, owner: Owner) -> Page[Webhook]:
    """List your webhooks, newest first; there are at most 20."""
    async with app.database.connection() as connection:
        return Page(items=await Webhooks(connection).list_of(owner))


@router.post("/job-secret", status_code=201)
async def replace_job_secret(app: App, owner: Owner) -> WebhookSecret:
    """Create the secret for the webhooks in requests of jobs, or replace it at once."""
    async with app.database.transaction() as connection:
        return WebhookSecret(secret=await Webhooks(connection).replace_job_secret(owner))


@router.get("/deliveries", responses=responses(InvalidRequest))
async def list_deliveries(
    app: App,
    owner: Owner,
    before: IdCursor,
    limit: Limit = 50,
    state: DeliveryState | None = None,
) -> Page[WebhookDelivery]:
    """List the deliveries to all of your URLs, newest first; those that ended, for 30 days."""
    async with app.database.connection() as connection:
        page = await WebhookDeliveries(connection).page(
            owner, before=before, limit=limit, state=state
        )
    return Page(items=page, next_cursor=str(page[-1].id) if len(page) == limit else None)


@router.post(
    "/deliveries/{delivery_id}/redeliver",
    status_code=202,
    responses=responses(NotFound, Conflict, InvalidRequest),
)
async def redeliver(delivery_id: UUID, app: App, owner: Owner) -> WebhookDelivery:
    """Send a dead letter, or what was delivered, again; its `webhook-id` stays the same."""
    async with app.database.transaction() as connection:
        return await WebhookDeliveries(connection).redeliver(delivery_id, owner)


@router.get("/{webhook_id}", responses=responses(NotFound, InvalidRequest))
async def get_webhook(webhook_id: UUID, app: App, owner: Owner) -> Webhook:
    """Get a webhook, without its secret, and whether its attempts fail."""
    async with app.database.connection() as connection:
        return await Webhooks(connection).get(webhook_id, owner)


@router.delete("/{webhook_id}", status_code=204, responses=responses(NotFound, InvalidRequest))
async def delete_webhook(webhook_id: UUID, app: App, owner: Owner) -> None:
    """Delete a webhook and its secret; what was not delivered yet is not sent."""
    async with app.database.transaction() as connection:
        await Webhooks(connection).delete(webhook_id, owner)


@router.post("/{webhook_id}/enable", responses=responses(NotFound, InvalidRequest))
async def enable_webhook(webhook_id: UUID, app: App, owner: Owner) -> Webhook:
    """Enable a webhook that was disabled because its attempts failed. Idempotent."""
    async with app.database.transaction() as connection:
        return await Webhooks(connection).enable(webhook_id, owner)


@router.post("/{webhook_id}/test", status_code=202, responses=responses(NotFound, InvalidRequest))
async def test_webhook(webhook_id: UUID, app: App, owner: Owner) -> WebhookDelivery:
    """Send an event of the type `webhook.test`; the list of deliveries shows its result."""
    async with app.database.transaction() as connection:
        webhook = await Webhooks(connection).get(webhook_id, owner)
        return await WebhookDeliveries(connection).add_test(webhook, owner)
