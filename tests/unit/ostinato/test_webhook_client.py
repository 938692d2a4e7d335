"""The request of each method for webhooks, and how the client parses the response."""

from uuid import UUID

import pytest

from ostinato import Client, WebhookRequest
from ostinato.schemas.account.webhooks import (
    DeliveryState,
    NewWebhook,
    Webhook,
    WebhookDelivery,
    WebhookEventType,
    WebhookSecret,
)
from tests.unit.ostinato.payloads import NOON, page
from tests.unit.ostinato.scripted_server import ScriptedResponse, ScriptedServer

WEBHOOK_ID = UUID(int=1)
PATH = f"/v1/webhooks/{WEBHOOK_ID}"
URL = "https://example.com/ostinato"
WEBHOOK = Webhook(id=WEBHOOK_ID, url=URL, events=None, created_at=NOON)
DELIVERY = WebhookDelivery(
    id=UUID(int=2),
    webhook_id=WEBHOOK_ID,
    job_id=None,
    type=WebhookEventType.TEST,
    url=URL,
    state=DeliveryState.DEAD,
    attempts=10,
    next_attempt_at=None,
    last_status=500,
    last_error="The answer was 500.",
    created_at=NOON,
    ended_at=NOON,
)


def test_a_webhook_is_created(server: ScriptedServer, client: Client) -> None:
    created = NewWebhook(**WEBHOOK.model_dump(), secret="whsec_AAAA")
    server.script("/v1/webhooks", created.model_dump_json())
    request = WebhookRequest(url=URL)
    assert client.create_webhook(request) == created
    assert WebhookRequest.model_validate_json(server.bodies[0]) == request


def test_webhooks_are_listed_changed_and_deleted(server: ScriptedServer, client: Client) -> None:
    server.script("/v1/webhooks", page(WEBHOOK))
    assert list(client.webhooks()) == [WEBHOOK]
    server.script(PATH, WEBHOOK.model_dump_json(), ScriptedResponse(status=204))
    assert client.webhook(WEBHOOK_ID) == WEBHOOK
    client.delete_webhook(WEBHOOK_ID)
    assert server.requests[-1].method == "DELETE"
    server.script(f"{PATH}/enable", WEBHOOK.model_dump_json())
    assert client.enable_webhook(WEBHOOK_ID) == WEBHOOK
    server.script(f"{PATH}/test", DELIVERY.model_dump_json())
    assert client.test_webhook(WEBHOOK_ID) == DELIVERY


def test_the_secret_for_webhooks_of_jobs_is_replaced(
    server: ScriptedServer, client: Client
) -> None:
    answer = WebhookSecret(secret="whsec_AAAA")
    server.script("/v1/webhooks/job-secret", answer.model_dump_json())
    assert client.replace_job_webhook_secret() == "whsec_AAAA"


@pytest.mark.parametrize(("state", "query"), [(None, ""), (DeliveryState.DEAD, "state=dead")])
def test_deliveries_are_listed(
    server: ScriptedServer, client: Client, state: DeliveryState | None, query: str
) -> None:
    server.script("/v1/webhooks/deliveries", page(DELIVERY))
    assert list(client.webhook_deliveries(state)) == [DELIVERY]
    assert server.requests[0].url.query == query


def test_a_dead_letter_is_redelivered(server: ScriptedServer, client: Client) -> None:
    server.script(f"/v1/webhooks/deliveries/{DELIVERY.id}/redeliver", DELIVERY.model_dump_json())
    assert client.redeliver_webhook(DELIVERY.id) == DELIVERY
