"""A dispatcher that is killed while it delivers a webhook loses no event."""

import time

from deploy.local.stack import Stack
from ostinato.schemas.jobs import JobState
from tests.support.chaos.webhooks import webhook_to
from tests.support.http_api import http_client, post_generation
from tests.support.servers.webhook_receiver import WebhookReceiver

WAIT_SECONDS = 20


def test_a_dispatcher_killed_while_it_delivers(isolated_stack: Stack) -> None:
    with (
        WebhookReceiver() as receiver,
        http_client(isolated_stack) as http,
        webhook_to(isolated_stack, receiver.url) as webhook,
    ):
        receiver.may_answer.clear()
        job = post_generation(http, bars=1, seed=1)
        text = job["id"].encode()
        interrupted = receiver.wait_for(text)
        isolated_stack.kill("dispatcher")
        receiver.may_answer.set()
        isolated_stack.restart("dispatcher")
        repeated = receiver.wait_for(text)
        event = repeated.verify(webhook.secret)
        assert (event["type"], event["data"]["id"]) == ("job.succeeded", job["id"])
        assert event["data"] == {"kind": "generation", **http.get(f"/v1/jobs/{job['id']}").json()}
        assert event["data"]["state"] == JobState.SUCCEEDED
        assert (interrupted.id, interrupted.body) == (repeated.id, repeated.body)
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            deliveries = http.get("/v1/webhooks/deliveries").json()["items"]
            [delivery] = [each for each in deliveries if each["job_id"] == job["id"]]
            if delivery["state"] == "delivered":
                break
            assert time.monotonic() < deadline, delivery
            time.sleep(0.05)
        assert delivery["id"] == repeated.id
        rest = [receiver.received.get_nowait() for _ in range(receiver.received.qsize())]
        assert [request for request in rest if text in request.body] == []
