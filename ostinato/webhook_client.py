"""The methods of the client for webhooks, which report the ends of jobs."""

from collections.abc import Iterator
from uuid import UUID

from ostinato.base_client import BaseClient
from ostinato.schemas.account.webhooks import (
    DeliveryState,
    NewWebhook,
    Webhook,
    WebhookDelivery,
    WebhookRequest,
    WebhookSecret,
)
from ostinato.schemas.pages import Page

WEBHOOKS = "/v1/webhooks"
JSON = {"Content-Type": "application/json"}


class WebhookClient(BaseClient):
    """Creates and deletes webhooks, and follows what is sent to them."""

    def create_webhook(self, request: WebhookRequest) -> NewWebhook:
        """Create a webhook for all jobs, or those of one key; the result alone has its secret."""
        body = self._transport.post(WEBHOOKS, request.model_dump_json().encode(), JSON)
        return NewWebhook.model_validate_json(body)

    def webhooks(self) -> Iterator[Webhook]:
        """All webhooks, newest first."""
        return self._pages(WEBHOOKS, Page[Webhook], {})

    def webhook(self, webhook_id: UUID) -> Webhook:
        """A webhook, and whether its attempts fail."""
        return Webhook.model_validate_json(self._transport.get(f"{WEBHOOKS}/{webhook_id}"))

    def delete_webhook(self, webhook_id: UUID) -> None:
        """Delete a webhook and its secret."""
        self._transport.delete(f"{WEBHOOKS}/{webhook_id}")

    def enable_webhook(self, webhook_id: UUID) -> Webhook:
        """Enable a webhook that was disabled because its attempts failed."""
        return Webhook.model_validate_json(self._transport.post(f"{WEBHOOKS}/{webhook_id}/enable"))

    def test_webhook(self, webhook_id: UUID) -> WebhookDelivery:
        """Send an event of the type `webhook.test`."""
        return _delivery(self._transport.post(f"{WEBHOOKS}/{webhook_id}/test"))

    def replace_job_webhook_secret(self) -> str:
        """A new secret for the webhooks in requests of jobs, instead of the one before."""
        body = self._transport.post(f"{WEBHOOKS}/job-secret")
        return WebhookSecret.model_validate_json(body).secret

    def webhook_deliveries(self, state: DeliveryState | None = None) -> Iterator[WebhookDelivery]:
        """All deliveries, newest first, fetched page by page."""
        params = {"state": state.value} if state else {}
        return self._pages(f"{WEBHOOKS}/deliveries", Page[WebhookDelivery], params)

    def redeliver_webhook(self, delivery_id: UUID) -> WebhookDelivery:
        """Send a dead letter, or what was delivered, again."""
        return _delivery(self._transport.post(f"{WEBHOOKS}/deliveries/{delivery_id}/redeliver"))


def _delivery(body: bytes) -> WebhookDelivery:
    return WebhookDelivery.model_validate_json(body)
