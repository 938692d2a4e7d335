"""A dispatcher that is killed while it delivers a webhook loses no event."""

import asyncio
import time

from deploy.local.stack import Stack
from ostinato.schemas.account.webhooks import NewWebhook, WebhookRequest
from ostinato.schemas.jobs import JobState
from services.gateway.keys.development_key import DEVELOPMENT_OWNER
from shared.db.database import Database
from shared.db.webhooks.endpoints import Webhooks
from tests.support.http_api import http_client, post_generation
from tests.support.servers.stacks import FAST_LEASES
from tests.support.servers.webhook_receiver import WebhookReceiver

DISPATCHER = {
    **FAST_LEASES,
    "OSTINATO_WEBHOOKS_ALLOW_LOCAL": "true",
    "OSTINATO_WEBHOOK_TIMEOUT_SECONDS": "2",
}
WAIT_SECONDS = 20


def create_webhook(stack: Stack, url: str) -> NewWebhook:
    """A webhook that the gateway, which has its usual settings, would reject."""

    async def create() -> NewWebhook:
        database = Database(stack.database_url, pool_size=1)
        async with database.transaction() as connection:
            request = WebhookRequest(url=url)
            webhook = await Webhooks(connection).create(DEVELOPMENT_OWNER, request)
        await database.close()
        return webhook

    return asyncio.run(create())


def test_a_dispatcher_killed_while_it_delivers(isolated_stack: Stack) -> None:
    isolated_stack.start("dispatcher", **DISPATCHER)
    with WebhookReceiver() as receiver, http_client(isolated_stack) as http:
        webhook = create_webhook(isolated_stack, receiver.url)
        receiver.may_answer.clear()
        job = post_generation(http, bars=1, seed=1)
        interrupted = receiver.next()
        isolated_stack.kill("dispatcher")
        receiver.may_answer.set()
        isolated_stack.restart("dispatcher")
        repeated = receiver.next()
        event = repeated.verify(webhook.secret)
        assert (event["type"], event["data"]["id"]) == ("job.succeeded", job["id"])
        assert event["data"] == {"kind": "generation", **http.get(f"/v1/jobs/{job['id']}").json()}
        assert event["data"]["state"] == JobState.SUCCEEDED
        assert (interrupted.id, interrupted.body) == (repeated.id, repeated.body)
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            [delivery] = http.get("/v1/webhooks/deliveries").json()["items"]
            if delivery["state"] == "delivered":
                break
            assert time.monotonic() < deadline, delivery
            time.sleep(0.05)
        assert (delivery["id"], delivery["job_id"]) == (repeated.id, job["id"])
        assert receiver.received.empty()
        assert http.delete(f"/v1/webhooks/{webhook.id}").status_code == 204
